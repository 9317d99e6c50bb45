import { z } from 'zod';
import type { HostAccess } from '../access.js';
import { attachedVms, attachVm, detachVm, notifications } from '../outsourcing.js';
import { type SettingKind, targetOf } from './kind.js';
import { unlessEnded } from './thread-target.js';
import { vmsOf, vmTarget } from './vm-target.js';

/**
 * The host performs the sockets of all VMs, which need no vNIC then. A VM has to be attached before its
 * guest loads the module (outsourcing.ts).
 */
const schema = z.strictObject({
  kind: z.literal('socket-outsourcing'),
  /** Of each VM. */
  maxSockets: z.int().positive(),
  notification: z.enum(notifications),
  /** VMs without a network namespace of their own have the host's. */
  initialNetns: z.boolean().optional(),
  /** Several VMs may have the same network namespace. */
  sharedNetns: z.boolean().optional(),
  why: z.string(),
});

const notAttached = 'not attached';

export const socketOutsourcing: SettingKind<z.infer<typeof schema>> = {
  kind: 'socket-outsourcing',
  schema,
  phase: () => 'vm-started',

  async plan({ host, layout }, { notification, why }) {
    const wanted = `running (notification: ${notification})`;
    const changes = [];
    for (const vm of vmsOf(layout)) {
      const before = await stateOf(host, vm.pid);
      changes.push({ kind: 'socket-outsourcing', target: vmTarget(vm), before, wanted, why });
    }
    return changes;
  },

  /** A VM that is attached stays as it is: its sockets would be closed. */
  async apply({ host, layout }, { target, before }, setting) {
    if (before !== notAttached) return;
    const { pid } = targetOf(target, 'vm');
    const { maxSockets, notification, initialNetns = false, sharedNetns = false } = setting;
    const netns = vmsOf(layout).find((vm) => vm.pid === pid)?.netns;
    const attachment = {
      ...{ pid, maxSockets, notification, sharedNetns },
      ...(netns === undefined ? { initialNetns } : { netns }),
    };
    await unlessEnded(host, { pid, tid: pid }, () => attachVm(host, attachment));
  },

  async undo(host, { target, before }) {
    const { pid } = targetOf(target, 'vm');
    if (before !== notAttached || (await stateOf(host, pid)) === notAttached) return;
    await unlessEnded(host, { pid, tid: pid }, () => detachVm(host, pid));
  },

  readBack: (host, target) => stateOf(host, targetOf(target, 'vm').pid),
};

/** `running` as soon as the guest has loaded its module, `waiting` before. */
async function stateOf(host: HostAccess, pid: number): Promise<string> {
  const vm = (await attachedVms(host)).find((one) => one.pid === pid);
  return vm === undefined ? notAttached : `${vm.state} (notification: ${vm.notification})`;
}
