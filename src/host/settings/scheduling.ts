import { z } from 'zod';
import { EvenkeelError } from '../../process/errors.js';
import {
  type HostAccess,
  type RestorablePolicy,
  type Scheduling,
  schedulingPolicies,
} from '../access.js';
import type { HostLayout } from '../layout.js';
import { type ThreadClass, threadClasses } from '../thread-class.js';
import { type HostThread, hostThreads, threadAffinity, threadScheduling } from '../threads.js';
import type { Change, ThreadTarget } from './applied.js';
import { type SettingKind, targetOf } from './kind.js';
import { threadTarget, unlessEnded } from './thread-target.js';

/** Policy and priority of all threads of a class (sched(7)). */
const schema = z
  .strictObject({
    kind: z.literal('scheduling'),
    threads: z.enum(threadClasses),
    /**
     * A regular expression, for those threads of the class whose name it matches and that can run on the
     * host's CPUs. A kernel may be built without them, so it is no error if there are none.
     */
    named: z.string().optional(),
    policy: z.enum(schedulingPolicies),
    /** 1 to 99 for `fifo` and `rr`, 0 for `other`. */
    priority: z.int().min(0).max(99),
    why: z.string(),
  })
  .refine(({ policy, priority }) => (policy === 'other') === (priority === 0), {
    path: ['priority'],
    error: 'must be 1 to 99 for fifo and rr, and 0 for other',
  });
type SchedulingSetting = z.infer<typeof schema>;

export const scheduling: SettingKind<SchedulingSetting> = {
  kind: 'scheduling',
  schema,
  phase: () => 'running',

  async plan({ host, layout }, { threads: threadClass, named, policy, priority, why }) {
    const wanted = formatScheduling({ policy, priority });
    const pattern = new RegExp(named ?? '');
    const changes: Change[] = [];
    for (const thread of await hostThreads(host, layout)) {
      if (thread.class !== threadClass || !pattern.test(thread.comm)) continue;
      if (named !== undefined && !(await canRunOn(host, thread, layout.cpus))) continue;
      const before = formatScheduling(thread.scheduling);
      changes.push({ kind: 'scheduling', target: threadTarget(thread), before, wanted, why });
    }
    if (changes.length === 0 && named === undefined && isExpected(layout, threadClass)) {
      throw new EvenkeelError(`the host has no thread to be set to ${wanted}: ${threadClass}`, {
        hints: [why],
      });
    }
    return changes;
  },

  apply: ({ host }, { target, wanted }) => set(host, targetOf(target, 'thread'), wanted),
  undo: (host, { target, before }) => set(host, targetOf(target, 'thread'), before),

  readBack(host, target) {
    const thread = targetOf(target, 'thread');
    return unlessEnded(host, thread, async () =>
      formatScheduling(await threadScheduling(host, thread.tid)),
    );
  },
};

/** Each CPU has its kernel threads, also a CPU that is not the host's. */
async function canRunOn(host: HostAccess, thread: HostThread, cpus: readonly number[]) {
  const own = await unlessEnded(host, thread, () => threadAffinity(host, thread.tid));
  return own?.some((cpu) => cpus.includes(cpu)) ?? false;
}

/** Threads of RT VMs and RT servers are only on hosts that have such, and all vCPUs of a VM may be RT. */
function isExpected({ rtVms, rtServers }: HostLayout, threadClass: ThreadClass): boolean {
  switch (threadClass) {
    case 'RT vNIC':
    case 'RT vCPU':
      return rtVms.length > 0;
    case 'housekeeping vCPU':
      return false;
    case 'RT server':
      return rtServers.length > 0;
    default:
      return true;
  }
}

async function set(host: HostAccess, thread: ThreadTarget, text: string): Promise<void> {
  await unlessEnded(host, thread, () => host.setScheduling(thread.tid, parseScheduling(text)));
}

function hasPriority(policy: Scheduling['policy']): boolean {
  return policy === 'fifo' || policy === 'rr';
}

/** As the manual pages name it, e.g. `SCHED_FIFO 50` or `SCHED_OTHER`. */
export function formatScheduling({ policy, priority }: Scheduling): string {
  const name = `SCHED_${policy.toUpperCase()}`;
  return hasPriority(policy) ? `${name} ${priority}` : name;
}

/** @throws EvenkeelError for a policy that a thread cannot be given: deadline needs more than a priority */
export function parseScheduling(text: string): { policy: RestorablePolicy; priority: number } {
  const [, name, priority] = /^SCHED_(FIFO|RR|OTHER|BATCH|IDLE)(?: (\d{1,2}))?$/.exec(text) ?? [];
  const policy = name?.toLowerCase() as RestorablePolicy | undefined;
  if (policy === undefined || hasPriority(policy) !== (priority !== undefined)) {
    throw new EvenkeelError(`no thread can be given the scheduling "${text}"`);
  }
  return { policy, priority: Number(priority ?? 0) };
}
