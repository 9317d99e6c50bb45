import { z } from 'zod';
import type { HostAccess } from '../access.js';
import { formatCpuList, parseCpuList } from '../cpu-list.js';
import { threadClasses } from '../thread-class.js';
import { hostThreads, threadAffinity as readAffinity } from '../threads.js';
import type { Change, ThreadTarget } from './applied.js';
import { cpuSetSchema, cpusOfSet } from './cpu-set.js';
import { type SettingKind, targetOf } from './kind.js';
import { threadTarget, unlessEnded } from './thread-target.js';

/** The CPUs on which all threads of some classes may run (sched_setaffinity(2)). */
const schema = z.strictObject({
  kind: z.literal('thread-affinity'),
  threads: z.array(z.enum(threadClasses)).readonly(),
  cpus: cpuSetSchema,
  why: z.string(),
});

export const threadAffinity: SettingKind<z.infer<typeof schema>> = {
  kind: 'thread-affinity',
  schema,
  phase: () => 'running',

  async plan({ host, layout }, { threads: threadClasses, cpus, why }) {
    const wanted = format(cpusOfSet(layout, cpus));
    const changes: Change[] = [];
    for (const thread of await hostThreads(host, layout)) {
      if (!threadClasses.includes(thread.class) || thread.bound) continue;
      const before = await unlessEnded(host, thread, () => readAffinity(host, thread.tid));
      // A thread that cannot run on the host's CPUs at all is not the host's work: leave it where it is.
      if (!before?.some((cpu) => layout.cpus.includes(cpu))) continue;
      changes.push({
        ...{ kind: 'thread-affinity', target: threadTarget(thread) },
        ...{ before: format(before), wanted, why },
      });
    }
    return changes;
  },

  apply: ({ host }, { target, wanted }) => set(host, targetOf(target, 'thread'), wanted),
  undo: (host, { target, before }) => set(host, targetOf(target, 'thread'), before),

  readBack(host, target) {
    const thread = targetOf(target, 'thread');
    return unlessEnded(host, thread, async () => format(await readAffinity(host, thread.tid)));
  },
};

async function set(host: HostAccess, thread: ThreadTarget, text: string): Promise<void> {
  const cpus = parseCpuList(text.replace(/^CPU /, ''));
  await unlessEnded(host, thread, () => host.setAffinity(thread.tid, cpus));
}

function format(cpus: readonly number[]): string {
  return `CPU ${formatCpuList(cpus)}`;
}
