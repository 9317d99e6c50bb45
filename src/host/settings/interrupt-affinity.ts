import { z } from 'zod';
import type { HostAccess } from '../access.js';
import { formatCpuList, parseCpuList } from '../cpu-list.js';
import { allInterrupts, interruptsOfNic } from '../nics.js';
import type { Change } from './applied.js';
import { cpuSetSchema, cpusOfSet } from './cpu-set.js';
import { type SettingKind, targetOf } from './kind.js';

/** The CPUs that interrupts may interrupt (Documentation/core-api/irq/irq-affinity.rst). */
const schema = z.strictObject({
  kind: z.literal('interrupt-affinity'),
  /** Those of the RT NICs, or all others. */
  interrupts: z.enum(['rt-nic', 'others']),
  cpus: cpuSetSchema,
  why: z.string(),
});

export const interruptAffinity: SettingKind<z.infer<typeof schema>> = {
  kind: 'interrupt-affinity',
  schema,
  phase: () => 'running',

  async plan({ host, layout }, { interrupts, cpus, why }) {
    const rtInterrupts = (
      await Promise.all(layout.rtNics.map((nic) => interruptsOfNic(host, nic)))
    ).flat();
    const candidates =
      interrupts === 'rt-nic'
        ? rtInterrupts
        : (await allInterrupts(host)).filter((irq) => !rtInterrupts.includes(irq));
    const wanted = formatCpuList(cpusOfSet(layout, cpus));
    const changes: Change[] = [];
    for (const number of candidates) {
      const before = await readAffinity(host, number);
      // Per-CPU and unrouted interrupts, and those that no CPU of the host receives, are left alone.
      if (!parseCpuList(before).some((cpu) => layout.cpus.includes(cpu))) continue;
      if (!(await isInUse(host, number))) continue;
      const target = { type: 'interrupt' as const, number };
      changes.push({ kind: 'interrupt-affinity', target, before, wanted, why });
    }
    return changes;
  },

  apply: ({ host }, { target, wanted }) =>
    host.writeFile(fileOf(targetOf(target, 'interrupt').number), wanted),
  undo: (host, { target, before }) =>
    host.writeFile(fileOf(targetOf(target, 'interrupt').number), before),
  readBack: (host, target) => readAffinity(host, targetOf(target, 'interrupt').number),
};

function fileOf(number: number): string {
  return `/proc/irq/${number}/smp_affinity_list`;
}

async function readAffinity(host: HostAccess, number: number): Promise<string> {
  return (await host.readFile(fileOf(number))).trim();
}

/** An interrupt without a handler has no action folder below /proc/irq; its affinity means nothing. */
async function isInUse(host: HostAccess, number: number): Promise<boolean> {
  const plainFiles = ['affinity_hint', 'effective_affinity', 'effective_affinity_list', 'node'];
  const names = await host.list(`/proc/irq/${number}`);
  return names.some(
    (name) => !plainFiles.includes(name) && !name.startsWith('smp_affinity') && name !== 'spurious',
  );
}
