import { EvenkeelError } from '../process/errors.js';
import type { HostAccess } from './access.js';

/**
 * The NAPI instances of NICs, as netdev-genl shows and sets them (Documentation/netlink/specs/netdev.yaml).
 * Neither Node nor iproute2 and ethtool of Debian 13 speak it, and tools/net/ynl needs Python, so a small
 * program does (napi-mode.c), which has to be on the host's PATH.
 */
const program = 'napi-mode';

/** In the softirq, in a thread of its own, or in a thread that never pauses. */
export const napiModes = ['disabled', 'enabled', 'busy-poll'] as const;
export type NapiMode = (typeof napiModes)[number];

export interface NapiInstance {
  readonly id: number;
  /** `unknown` on kernels that have no mode for each instance: before Linux 6.17. */
  readonly mode: NapiMode | 'unknown';
}

/** The NAPI instances of a NIC that is up. @throws EvenkeelError if there is no such NIC */
export async function napiInstances(host: HostAccess, nic: string): Promise<NapiInstance[]> {
  const text = await host.run([program, nic]);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, id, mode] = /^(\d+) (disabled|enabled|busy-poll|unknown) \d+$/.exec(line) ?? [];
      if (mode === undefined) {
        throw new EvenkeelError(`${program} ${nic}: expected a NAPI instance, got "${line}"`);
      }
      return { id: Number(id), mode: mode as NapiInstance['mode'] };
    });
}

/** @throws EvenkeelError if the kernel does not have the mode */
export async function setNapiMode(
  host: HostAccess,
  nic: string,
  id: number,
  mode: NapiMode,
): Promise<void> {
  await host.run([program, nic, `${id}`, mode]);
}
