import type { BackgroundProgram } from '../../../host/background-program.js';
import { LocalHost } from '../../../host/local-host.js';

export { type BackgroundProgram, requireStillRunning } from '../../../host/background-program.js';

/**
 * For what the user decides the length of, which may be many hours of virtual time: the lab waits as long
 * itself. Timers take no more than 24 days.
 */
export const longestTimeoutMs = 24 * 24 * 3600 * 1000;

const host = new LocalHost();

/** Runs a program of the agent's host to its end. @throws EvenkeelError with its stderr if it fails */
export function call(...command: string[]): Promise<string> {
  return host.run(command);
}

/** Starts a program; its stdout goes to `outputFile`, its stderr to the same or to `logFile`. */
export function start(
  command: readonly string[],
  outputFile: string,
  logFile?: string,
): Promise<BackgroundProgram> {
  return host.start(command, { outputFile, logFile });
}
