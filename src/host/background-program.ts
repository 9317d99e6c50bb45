import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { EvenkeelError } from '../process/errors.js';

/** A program that runs on a host beside what started it, with its output in a file of that host. */
export interface BackgroundProgram {
  readonly pid: number;
  /** Has its stderr, and its stdout too unless that goes to a file of its own. */
  readonly logFile: string;
  /** The exit status, -1 if a signal ended it, or undefined while it runs. */
  status(): number | undefined;
  signal(name: NodeJS.Signals): void;
  /** Waits for its end. @returns its exit status @throws EvenkeelError after `timeoutMs` */
  ended(timeoutMs: number): Promise<number>;
}

/**
 * The longest that `ended` can wait, for what the user decides the length of: timers take no more than 24 days.
 */
export const longestWaitMs = 24 * 24 * 3600 * 1000;

export interface OutputFiles {
  /** Its stdout is appended to this file. */
  readonly outputFile: string;
  /** Its stderr is appended to this file; to `outputFile` if it is undefined. */
  readonly logFile?: string | undefined;
}

/** How long a program that is to end may take after SIGTERM, and then after SIGKILL. */
const stopGraceMs = 5000;

/**
 * Starts a program of this machine.
 * @param command program and arguments; no shell interprets them
 * @throws EvenkeelError if it cannot be started
 */
export async function startProgram(
  command: readonly string[],
  { outputFile, logFile = outputFile }: OutputFiles,
): Promise<BackgroundProgram> {
  const [program = '', ...args] = command;
  const output = await open(outputFile, 'a');
  const log = await open(logFile, 'a');
  let child: ChildProcess;
  let exit: Promise<number>;
  try {
    child = spawn(program, args, { stdio: ['ignore', output.fd, log.fd] });
    // It may have ended before the files here are closed.
    exit = new Promise((resolve) => {
      child.once('exit', (code) => resolve(code ?? -1));
    });
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
  } catch (cause) {
    throw new EvenkeelError(`cannot start ${program}: ${(cause as Error).message}`, { cause });
  } finally {
    await output.close();
    await log.close();
  }
  return {
    pid: child.pid ?? 0,
    logFile,
    status: () => child.exitCode ?? (child.signalCode === null ? undefined : -1),
    signal: (name) => child.kill(name),
    ended: async (timeoutMs) => {
      const limit = new AbortController();
      const expired = delay(timeoutMs, undefined, { ref: false, signal: limit.signal });
      const status = await Promise.race([exit, expired.catch(() => undefined)]);
      limit.abort();
      if (status !== undefined) return status;
      throw new EvenkeelError(`${program} did not end within ${timeoutMs / 1000} s`);
    },
  };
}

/**
 * Ends programs, whether or not they run: for what has to be cleaned up after a failure. It asks them
 * first, and kills those that do not obey.
 */
export async function stopPrograms(programs: readonly BackgroundProgram[]): Promise<void> {
  await Promise.all(programs.map(stopProgram));
}

/** Does some work that `programs` run beside, and ends them if it fails. */
export async function stoppedOnFailure<T>(
  programs: readonly BackgroundProgram[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await stopPrograms(programs);
    throw error;
  }
}

async function stopProgram(program: BackgroundProgram): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (program.status() !== undefined) return;
    program.signal(signal);
    try {
      await program.ended(stopGraceMs);
    } catch {
      // It hangs: the next signal is harder, and after the last one there is nothing left to do.
    }
  }
}

/** @throws EvenkeelError if a program that was to run on has ended */
export function requireStillRunning(what: string, program: BackgroundProgram, when: string): void {
  const status = program.status();
  if (status === undefined) return;
  const how = status === -1 ? 'was killed' : `ended with status ${status}`;
  throw new EvenkeelError(`${what} ${how} ${when}`);
}
