import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { callProgram } from '../../../process/call-program.js';
import { EvenkeelError } from '../../../process/errors.js';

/** Nothing that the agent calls on the emulated host takes minutes of virtual time. */
const commandTimeoutMs = 120_000;

/**
 * For what the user decides the length of, which may be many hours of virtual time: the lab waits as long
 * itself. Timers take no more than 24 days.
 */
export const longestTimeoutMs = 24 * 24 * 3600 * 1000;

/** Runs a program to its end. @throws EvenkeelError with its stderr if it fails */
export function call(command: string, ...args: string[]): Promise<string> {
  return callProgram(command, args, { timeoutMs: commandTimeoutMs });
}

/** A program that runs beside the agent, with its output in a file. */
export interface BackgroundProgram {
  readonly pid: number;
  readonly logFile: string;
  /** The exit status, or undefined while it runs. */
  status(): number | undefined;
  signal(name: NodeJS.Signals): void;
  /** Waits for its end. @throws EvenkeelError after `timeoutMs` */
  ended(timeoutMs: number): Promise<number>;
}

/** Starts a program; its stdout goes to `outputFile`, its stderr to the same or to `logFile`. */
export async function start(
  command: readonly string[],
  outputFile: string,
  logFile = outputFile,
): Promise<BackgroundProgram> {
  const [program = '', ...args] = command;
  const output = await open(outputFile, 'a');
  const log = await open(logFile, 'a');
  let child: ChildProcess;
  try {
    child = spawn(program, args, { stdio: ['ignore', output.fd, log.fd] });
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
  } catch (cause) {
    throw new EvenkeelError(`cannot start ${program}: ${(cause as Error).message}`, {
      cause,
      fields: { command },
    });
  } finally {
    await output.close();
    await log.close();
  }
  const exit = new Promise<number>((resolve) => {
    child.once('exit', (code) => resolve(code ?? -1));
  });
  return {
    pid: child.pid ?? 0,
    logFile,
    status: () => child.exitCode ?? (child.signalCode === null ? undefined : -1),
    signal: (name) => child.kill(name),
    ended: async (timeoutMs) => {
      const status = await Promise.race([exit, delay(timeoutMs, undefined, { ref: false })]);
      if (status !== undefined) return status;
      throw new EvenkeelError(`${program} did not end within ${timeoutMs / 1000} s`, {
        fields: { command, logFile },
      });
    },
  };
}

/** @throws EvenkeelError if a program that was to run on has ended */
export function requireStillRunning(what: string, program: BackgroundProgram, when: string): void {
  const status = program.status();
  if (status === undefined) return;
  const how = status === -1 ? 'was killed' : `ended with status ${status}`;
  throw new EvenkeelError(`${what} ${how} ${when}`, {
    fields: { exitStatus: status, logFile: program.logFile },
  });
}
