import type { HostAccess } from '../access.js';
import type { HostLayout, Process, Vm } from '../layout.js';
import { readIfAlive } from '../proc.js';
import type { Target } from './applied.js';

export function vmTarget({ pid, name }: Vm): Extract<Target, { type: 'vm' }> {
  return { type: 'vm', pid, ...(name === undefined ? {} : { name }) };
}

export function vmsOf({ rtVms, heavyVms }: HostLayout): readonly Vm[] {
  return [...rtVms, ...heavyVms];
}

/** Program and arguments of a VMM; undefined if it has ended. */
export async function vmCommandLine(
  host: HostAccess,
  { pid }: Process,
): Promise<readonly string[] | undefined> {
  return (await readIfAlive(host, `/proc/${pid}/cmdline`))?.split('\0');
}
