import { setTimeout as delay } from 'node:timers/promises';
import type { HostAccess } from './access.js';
import { type Attachment, attachedVms, attachVm } from './outsourcing.js';
import { runningVms } from './vms.js';

/** A VM that is started anew takes longer to load its module. */
const pollMs = 500;

/**
 * Attaches every VM of that name, now and whenever one is started, until `signal` is raised. VMs stay
 * attached then.
 * @param attached told the process id of each that it attaches
 */
export async function keepAttached(
  host: HostAccess,
  name: string,
  attachment: Omit<Attachment, 'pid'>,
  signal: AbortSignal,
  attached: (pid: number) => void,
): Promise<void> {
  while (!signal.aborted) {
    for (const pid of await attachMissing(host, name, attachment)) attached(pid);
    await delay(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * Attaches every VM of that name that is not attached.
 * @returns their process ids
 */
export async function attachMissing(
  host: HostAccess,
  name: string,
  attachment: Omit<Attachment, 'pid'>,
): Promise<number[]> {
  const before = await attachedVms(host);
  const missing = (await runningVms(host))
    .filter((vm) => vm.name === name && before.every(({ pid }) => pid !== vm.pid))
    .map(({ pid }) => pid);
  const attached = [];
  for (const pid of missing) {
    try {
      await attachVm(host, { ...attachment, pid });
    } catch (error) {
      // It may have ended meanwhile, which is its right.
      if ((await host.list(`/proc/${pid}`)).length === 0) continue;
      throw error;
    }
    attached.push(pid);
  }
  return attached;
}
