import { getgid, getuid } from 'node:process';
import { type Command, CommandError, runCommand } from '../../../process/command.js';
import { EvenkeelError } from '../../../process/errors.js';

/** How to run a command as root. */
export interface Privilege {
  /** What to put before the command: nothing for root itself. */
  readonly prefix: readonly string[];
  /** `uid:gid` of the user that what is built shall belong to. */
  readonly owner: string;
}

const sudoTimeoutMs = 10_000;

/**
 * Finds out how this process can become root without asking for anything.
 * @returns undefined if it cannot
 */
export async function findPrivilege(signal: AbortSignal): Promise<Privilege | undefined> {
  const owner = `${getuid?.()}:${getgid?.()}`;
  if (getuid?.() === 0) return { prefix: [], owner };
  const prefix: Command = ['sudo', '--non-interactive'];
  try {
    await runCommand(['true'], { prefix, signal, timeoutMs: sudoTimeoutMs });
    return { prefix, owner };
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

/** What to tell a user from whom root is needed but not to be had. */
export function privilegeMissing(step: string, packages: readonly string[]): EvenkeelError {
  const install =
    packages.length === 0
      ? []
      : [`These packages are needed too: apt-get install ${packages.join(' ')}`];
  return new EvenkeelError(`${step} needs root, directly or through sudo`, {
    hints: [
      'Run this as root, or run `sudo -v` first so that sudo does not ask for a password.',
      ...install,
    ],
  });
}
