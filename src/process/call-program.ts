import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { EvenkeelError } from './errors.js';

const run = promisify(execFile);

/** The most that a program may print: dmesg of a host with large buffers is some megabytes. */
const maxOutputBytes = 64 * 2 ** 20;

export interface CallOptions {
  /** Kills the program when it takes longer. */
  readonly timeoutMs: number;
  /** What it reads on its stdin. */
  readonly input?: string;
  /** This process' own if undefined. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

/**
 * Runs a short program of the operating system to its end. (process/command.ts is for those that take long.)
 * @returns its stdout
 * @throws EvenkeelError with what it printed on stderr, unless it ends in time with status 0
 */
export async function callProgram(
  command: string,
  args: readonly string[],
  { timeoutMs, input = '', environment }: CallOptions,
): Promise<string> {
  try {
    const running = run(command, args, {
      timeout: timeoutMs,
      maxBuffer: maxOutputBytes,
      ...(environment === undefined ? {} : { env: environment }),
    });
    // A program may end without having read it.
    running.child.stdin?.on('error', () => undefined);
    running.child.stdin?.end(input);
    const { stdout } = await running;
    return stdout;
  } catch (error) {
    const { code, killed, signal, stderr = '', message } = error as ExecFileError;
    const output = stderr.trim();
    // The error of execFile quotes the command and its output, and knows nothing else.
    const why = killed
      ? `killed, not finished after ${timeoutMs / 1000} s`
      : output || (typeof code === 'number' ? `exit status ${code}` : message);
    throw new EvenkeelError(`${[command, ...args].join(' ')}: ${why}`, {
      fields: {
        command: [command, ...args],
        exitStatus: typeof code === 'number' ? code : undefined,
        code: typeof code === 'string' ? code : undefined,
        signal: signal ?? undefined,
        output,
      },
    });
  }
}

interface ExecFileError extends Error {
  /** The exit status, or why the program could not be started. */
  readonly code?: number | string | null;
  readonly killed?: boolean;
  readonly signal?: NodeJS.Signals | null;
  readonly stderr?: string;
}
