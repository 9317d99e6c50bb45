import { EvenkeelError } from '../process/errors.js';
import type { HostAccess } from './access.js';

/** The names of a folder that are numbers: processes, threads, interrupts. */
export function numeric(names: readonly string[]): number[] {
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** A file of /proc/PID; undefined if the process has ended. */
export async function readIfAlive(host: HostAccess, path: string): Promise<string | undefined> {
  try {
    return await host.readFile(path);
  } catch (error) {
    if (hasEnded(error)) return undefined;
    throw error;
  }
}

/** A folder of /proc/PID; empty if the process has ended. */
export async function listIfAlive(host: HostAccess, path: string): Promise<string[]> {
  try {
    return await host.list(path);
  } catch (error) {
    if (hasEnded(error)) return [];
    throw error;
  }
}

function hasEnded(error: unknown): boolean {
  const cause = error instanceof EvenkeelError ? error.cause : error;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOENT' || code === 'ESRCH';
}
