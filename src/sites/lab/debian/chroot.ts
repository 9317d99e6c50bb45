import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../../process/command.js';
import { shellWord } from '../../../process/shell-word.js';
import { inNamespaces } from './namespaces.js';
import type { Privilege } from './privilege.js';

/** A folder of the machine that a script in a chroot sees. */
export interface Bind {
  readonly source: string;
  /** Absolute, inside the chroot. */
  readonly target: string;
  readonly writable?: boolean;
}

export interface ChrootOptions {
  /** Root filesystem trees, the first laid over the next; none is changed. */
  readonly layers: readonly string[];
  readonly binds: readonly Bind[];
  /** A folder in which the root can be mounted. */
  readonly scratch: string;
  /** Shell script, run with `sh -eu`. */
  readonly script: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly privilege: Privilege;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly logFile: string;
  readonly onLine?: (line: string) => void;
}

/** Runs a script as root in a root filesystem; what it changes outside its writable binds is lost. */
export async function runInChroot(options: ChrootOptions): Promise<string> {
  const { layers, binds, scratch, script, privilege, ...rest } = options;
  const mountPoint = join(scratch, 'root');
  await mkdir(mountPoint, { recursive: true });
  const enter = ['sh', '-euc', mountScript(mountPoint, layers, binds), 'chroot'];
  return runCommand(['sh', '-euc', script], {
    ...rest,
    prefix: [...privilege.prefix, ...inNamespaces, ...enter],
  });
}

/**
 * The script that puts the root together and runs its arguments in it.
 * It never unmounts: its mounts are gone with its namespace.
 */
export function mountScript(
  mountPoint: string,
  layers: readonly string[],
  binds: readonly Bind[],
): string {
  // The layers are named through bind mounts, because a path may hold characters that overlay options give a meaning.
  const layerNames = layers.map((_layer, index) => `layer${index}`);
  return [
    // An ordinary user's path lacks the folders of most of what is used here.
    'export PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    `mount -t tmpfs -o mode=0755 chroot ${shellWord(mountPoint)}`,
    `cd ${shellWord(mountPoint)}`,
    `mkdir upper work root ${layerNames.join(' ')}`,
    ...layers.map((layer, index) => `mount --bind ${shellWord(layer)} layer${index}`),
    `mount -t overlay -o lowerdir=${layerNames.join(':')},upperdir=upper,workdir=work overlay root`,
    'cd root',
    'mount -t proc proc proc',
    'mount --rbind /dev dev',
    'mount -t tmpfs tmpfs tmp',
    ...binds.flatMap(({ source, target, writable = false }) => {
      const inside = shellWord(`.${target}`);
      return [
        `mkdir -p ${inside}`,
        `mount --bind ${shellWord(source)} ${inside}`,
        ...(writable ? [] : [`mount -o remount,bind,ro ${inside}`]),
      ];
    }),
    'exec chroot . "$@"',
  ].join('\n');
}
