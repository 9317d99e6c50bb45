import { EvenkeelError } from '../process/errors.js';
import { asNs, type Ns } from '../traces/time.js';
import type { HostAccess, Scheduling } from './access.js';
import { parseCpuList } from './cpu-list.js';
import type { HostLayout } from './layout.js';
import { interruptsOfNic } from './nics.js';
import { listIfAlive, numeric, readIfAlive } from './proc.js';
import type { ThreadClass } from './thread-class.js';

/** A thread of a host, kernel threads included, as /proc shows it at one moment. */
export interface HostThread {
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  readonly class: ThreadClass;
  readonly scheduling: Scheduling;
  /** The kernel refuses to change its affinity (PF_NO_SETAFFINITY): it belongs to one CPU. */
  readonly bound: boolean;
}

/** include/linux/sched.h */
const PF_NO_SETAFFINITY = 0x04000000;

/** Number, name and state of a thread, then numbers; a line without its end was cut off. */
const statLine = /^\d+ \((.*)\) (\S(?: -?\d+)+)\n$/s;

/** include/uapi/linux/sched.h; index is the policy's number. */
const policies = ['other', 'fifo', 'rr', 'batch', undefined, 'idle', 'deadline', 'ext'] as const;

/**
 * All threads of the host, classified by the part that they play for the VMs of `layout`.
 * Threads that end while they are looked at are left out.
 */
export async function hostThreads(host: HostAccess, layout: HostLayout): Promise<HostThread[]> {
  const classify = await classifier(host, layout);
  const threads: HostThread[] = [];
  for (const pid of numeric(await host.list('/proc'))) {
    for (const tid of numeric(await listIfAlive(host, `/proc/${pid}/task`))) {
      const stat = await readIfAlive(host, `/proc/${pid}/task/${tid}/stat`);
      if (stat === undefined) continue;
      const { comm, scheduling, bound } = parseThreadStat(stat);
      threads.push({ pid, tid, comm, class: classify(pid, comm), scheduling, bound });
    }
  }
  return threads;
}

/** CPUs on which a thread may run. */
export async function threadAffinity(host: HostAccess, tid: number): Promise<number[]> {
  const status = await host.readFile(`/proc/${tid}/status`);
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1];
  if (list === undefined) throw new EvenkeelError(`/proc/${tid}/status has no Cpus_allowed_list`);
  return parseCpuList(list);
}

/** Policy and priority of a thread as they are now. */
export async function threadScheduling(host: HostAccess, tid: number): Promise<Scheduling> {
  return parseThreadStat(await host.readFile(`/proc/${tid}/stat`)).scheduling;
}

/**
 * Nanoseconds that a thread has run (first field of schedstat, Documentation/scheduler/sched-stats.rst).
 * @returns undefined if the thread has ended
 */
export async function threadRunNs(
  host: HostAccess,
  thread: { pid: number; tid: number },
): Promise<Ns | undefined> {
  const text = await readIfAlive(host, `/proc/${thread.pid}/task/${thread.tid}/schedstat`);
  return text === undefined ? undefined : asNs(BigInt(text.split(' ', 1)[0] ?? '0'));
}

/**
 * Reads /proc/…/stat (proc_pid_stat(5)); `comm` may hold blanks and parentheses.
 * @throws EvenkeelError if it is not a whole line, or names a policy that the kernel does not have
 */
export function parseThreadStat(stat: string): {
  comm: string;
  scheduling: Scheduling;
  bound: boolean;
} {
  const [, comm, fromState = ''] = statLine.exec(stat) ?? [];
  const fields = fromState.split(' ');
  // The state is field 3 of the manual page.
  const field = (number: number) => Number(fields[number - 3]);
  const policy = policies[field(41)];
  if (comm === undefined || policy === undefined) {
    throw new EvenkeelError(`expected a whole line of /proc/PID/stat, got ${JSON.stringify(stat)}`);
  }
  return {
    comm,
    scheduling: { policy, priority: field(40) },
    bound: (field(9) & PF_NO_SETAFFINITY) !== 0,
  };
}

async function classifier(
  host: HostAccess,
  layout: HostLayout,
): Promise<(pid: number, comm: string) => ThreadClass> {
  const rtInterrupts = new Set<number>();
  for (const nic of layout.rtNics) {
    for (const irq of await interruptsOfNic(host, nic)) rtInterrupts.add(irq);
  }
  const rtVms = new Map(layout.rtVms.map((vm) => [vm.pid, vm]));
  const heavyVms = new Set(layout.heavyVms.map((vm) => vm.pid));
  const rtServers = new Set(layout.rtServers.map((server) => server.pid));

  return (pid, comm) => {
    const rtVm = rtVms.get(pid);
    if (rtVm !== undefined || heavyVms.has(pid)) {
      // A vhost worker is a thread of its VM, vhost-<pid> (kernel/vhost_task.c); a vCPU thread is
      // named by QEMU (debug-threads=on; libvirt sets that).
      if (comm.startsWith('vhost-')) return rtVm === undefined ? 'heavy vNIC' : 'RT vNIC';
      const vcpu = /^CPU (\d+)\/KVM$/.exec(comm)?.[1];
      if (vcpu === undefined) return 'VMM';
      if (rtVm === undefined) return 'heavy vCPU';
      return rtVm.rtVcpus.includes(Number(vcpu)) ? 'RT vCPU' : 'housekeeping vCPU';
    }
    if (rtServers.has(pid)) return 'RT server';
    const irq = /^irq\/(\d+)-/.exec(comm)?.[1];
    if (irq !== undefined) {
      return rtInterrupts.has(Number(irq)) ? 'RT interrupt thread' : 'non-RT interrupt thread';
    }
    if (comm.startsWith('napi/')) {
      return layout.rtNics.some((nic) => comm.startsWith(`napi/${nic}-`))
        ? 'RT NAPI thread'
        : 'non-RT NAPI thread';
    }
    if (/^(ksoftirqd|ktimers|rcuc|rcub|rcu_|irq_work)/.test(comm)) return 'softirq and timers';
    return 'other';
  };
}
