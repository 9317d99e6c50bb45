import { z } from 'zod';
import { formatCpuMask } from '../cpu-list.js';
import { cpuSetSchema, cpusOfSet } from './cpu-set.js';
import type { SettingKind } from './kind.js';
import { readValue, valueFile } from './value-file.js';

/** The CPUs of unbound kernel work (Documentation/core-api/workqueue.rst). */
const schema = z.strictObject({
  kind: z.literal('workqueue-affinity'),
  /** The one that writes dirty pages to disks and has a mask of its own; all workqueues if undefined. */
  only: z.literal('writeback').optional(),
  cpus: cpuSetSchema,
  why: z.string(),
});

export const workqueueAffinity: SettingKind<z.infer<typeof schema>> = {
  kind: 'workqueue-affinity',
  schema,
  phase: () => 'running',
  async plan({ host, layout }, { only, cpus, why }) {
    const path =
      only === undefined
        ? '/sys/devices/virtual/workqueue/cpumask'
        : `/sys/bus/workqueue/devices/${only}/cpumask`;
    const wanted = formatCpuMask(cpusOfSet(layout, cpus));
    const before = await readValue(host, path);
    return [{ kind: 'workqueue-affinity', target: { type: 'file', path }, before, wanted, why }];
  },
  ...valueFile,
};
