import { CommandError, runCommand } from '../../../process/command.js';
import type { Privilege } from './privilege.js';

/** The packages that the machine itself needs to build the lab; all else is in the builder tree. */
export const systemPackages = [
  'debian-archive-keyring',
  'mmdebstrap',
  'mount',
  'util-linux',
  // Debian's kernels are compressed with the one or the other, their modules with xz.
  'xz-utils',
  'zstd',
] as const;

const queryTimeoutMs = 20_000;
const installTimeoutMs = 10 * 60_000;

/** Those of `names` that are not installed here. */
export async function missingPackages(
  names: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own syntax
  const format = '${Package} ${db:Status-Status}\n';
  const list = await runCommand(['dpkg-query', '--show', '--showformat', format], {
    signal,
    timeoutMs: queryTimeoutMs,
  });
  const lines = new Set(list.split('\n'));
  return names.filter((name) => !lines.has(`${name} installed`));
}

/**
 * Installs packages on this machine, without what they recommend.
 * Ctrl-C waits for the end of it: a killed dpkg would leave the machine's package database half-configured.
 */
export async function installPackages(
  names: readonly string[],
  options: { privilege: Privilege; logFile: string },
): Promise<void> {
  const run = (words: readonly string[]) =>
    runCommand(['apt-get', '--quiet', ...words], {
      prefix: options.privilege.prefix,
      logFile: options.logFile,
      environment: { DEBIAN_FRONTEND: 'noninteractive' },
      signal: new AbortController().signal,
      timeoutMs: installTimeoutMs,
    });
  const install = ['install', '--yes', '--no-install-recommends', ...names];
  try {
    await run(install);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    // The lists are missing or name versions that the mirror no longer has.
    await run(['update']);
    await run(install);
  }
}
