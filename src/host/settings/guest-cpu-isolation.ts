import { z } from 'zod';
import { formatCpuList } from '../cpu-list.js';
import { type SettingKind, targetOf } from './kind.js';
import { vmCommandLine, vmTarget } from './vm-target.js';

/**
 * Arguments of the kernel of RT VMs: its RT vCPUs run what is pinned to them and nothing else, without a
 * tick (Documentation/admin-guide/kernel-parameters.txt: isolcpus, nohz_full, irqaffinity). vCPU 0 does the
 * guest's housekeeping, since a kernel cannot isolate the CPU that it boots on. A VM has them from its
 * start on, so of a running one they can only be read, and only if its VMM loads the kernel.
 */
const schema = z.strictObject({
  kind: z.literal('guest-cpu-isolation'),
  vms: z.literal('rt'),
  why: z.string(),
});

const names = ['isolcpus', 'nohz_full', 'irqaffinity'];

export const guestCpuIsolation: SettingKind<z.infer<typeof schema>> = {
  kind: 'guest-cpu-isolation',
  schema,
  phase: () => 'vm-start',

  startVm: (_setting, { network, isolatedVcpus }) =>
    network === 'rt' && isolatedVcpus.length > 0
      ? { kernelArguments: argumentsFor(isolatedVcpus) }
      : {},

  plan: async ({ layout }, { why }) =>
    layout.rtVms.flatMap((vm) => {
      const { isolatedVcpus = [] } = vm;
      if (isolatedVcpus.length === 0) return [];
      const wanted = argumentsFor(isolatedVcpus).join(' ');
      const target = vmTarget(vm);
      return [{ kind: 'guest-cpu-isolation', target, before: null, wanted, why }];
    }),

  apply: async () => undefined,
  undo: async () => undefined,

  async readBack(host, target) {
    const commandLine = await vmCommandLine(host, targetOf(target, 'vm'));
    if (commandLine === undefined) return undefined;
    const append = commandLine.indexOf('-append');
    if (append < 0) return 'unknown: the VMM does not load the kernel';
    const words = (commandLine[append + 1] ?? '').split(' ');
    return words.filter((word) => names.includes(word.split('=', 1)[0] ?? '')).join(' ');
  },
};

function argumentsFor(vcpus: readonly number[]): string[] {
  const list = formatCpuList(vcpus);
  return [`isolcpus=managed_irq,domain,${list}`, `nohz_full=${list}`, 'irqaffinity=0'];
}
