import type { HostAccess } from '../access.js';
import type { Change, Target } from './applied.js';
import { type Site, targetOf } from './kind.js';

/** What all kinds of settings have in common whose targets are files of /proc or /sys with a value. */
export const valueFile = {
  apply: ({ host }: Site, change: Change) => write(host, change.target, change.wanted),
  undo: (host: HostAccess, { target, before }: Change & { before: string }) =>
    write(host, target, before),
  readBack: (host: HostAccess, target: Target) => readValue(host, targetOf(target, 'file').path),
};

/** A host without the hardware for a feature may refuse to switch it off: what is there is not written. */
async function write(host: HostAccess, target: Target, value: string): Promise<void> {
  const { path } = targetOf(target, 'file');
  if ((await readValue(host, path)) !== value) await host.writeFile(path, value);
}

/**
 * The value of such a file in the words in which it is written. The kernel pads a mask with zeros to the
 * number of possible CPUs, and shows a choice as `always [madvise] never`.
 */
export async function readValue(host: HostAccess, path: string): Promise<string> {
  const text = (await host.readFile(path)).trim();
  if (/^[0-9a-f]+(,[0-9a-f]{8})*$/.test(text)) return text.replace(/^[0,]+(?=[0-9a-f])/, '');
  return /(?:^| )\[(\S+)\](?: |$)/.exec(text)?.[1] ?? text;
}
