import { z } from 'zod';
import { type SettingKind, targetOf } from './kind.js';
import { vmCommandLine, vmsOf, vmTarget } from './vm-target.js';

/**
 * How long a vhost worker polls the queues of its VM's vNIC before it sleeps: `poll-us` of QEMU's tap
 * netdev. A VM has it from its start on, so of a running one it can only be read.
 */
const schema = z.strictObject({
  kind: z.literal('vhost-busy-polling'),
  /** Microseconds. */
  us: z.int().positive(),
  why: z.string(),
});

export const vhostBusyPolling: SettingKind<z.infer<typeof schema>> = {
  kind: 'vhost-busy-polling',
  schema,
  phase: () => 'vm-start',
  startVm: ({ us }) => ({ netdevOptions: [`poll-us=${us}`] }),

  plan: async ({ layout }, { us, why }) =>
    vmsOf(layout).map((vm) => ({
      ...{ kind: 'vhost-busy-polling', target: vmTarget(vm) },
      ...{ before: null, wanted: `${us} us`, why },
    })),

  apply: async () => undefined,
  undo: async () => undefined,

  async readBack(host, target) {
    const commandLine = await vmCommandLine(host, targetOf(target, 'vm'));
    if (commandLine === undefined) return undefined;
    const us = /\bpoll-us=(\d+)/.exec(commandLine.join('\n'))?.[1] ?? '0';
    return `${us} us`;
  },
};
