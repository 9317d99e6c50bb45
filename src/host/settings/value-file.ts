import type { HostAccess } from '../access.js';
import type { Change, Target } from './applied.js';
import { type Site, targetOf } from './kind.js';

/** What all kinds of settings have in common whose targets are files of /proc or /sys with a value. */
export const valueFile = {
  apply: ({ host }: Site, { target, wanted }: Change) =>
    host.writeFile(targetOf(target, 'file').path, wanted),
  undo: (host: HostAccess, { target, before }: Change & { before: string }) =>
    host.writeFile(targetOf(target, 'file').path, before),
  readBack: (host: HostAccess, target: Target) => readValue(host, targetOf(target, 'file').path),
};

/**
 * The value of such a file in the words in which it is written. The kernel pads a mask with zeros to the
 * number of possible CPUs, and shows a choice as `always [madvise] never`.
 */
export async function readValue(host: HostAccess, path: string): Promise<string> {
  const text = (await host.readFile(path)).trim();
  if (/^[0-9a-f]+(,[0-9a-f]{8})*$/.test(text)) return text.replace(/^[0,]+(?=[0-9a-f])/, '');
  return /(?:^| )\[(\S+)\](?: |$)/.exec(text)?.[1] ?? text;
}
