import type { Setting } from '../host/settings/registry.js';

/**
 * What an administrator gets who follows the mainstream's advice: TuneD's profile realtime-virtual-host
 * with those that it includes (realtime, network-latency, latency-performance;
 * github.com/redhat-performance/tuned, 2bfa442 of August 2026), and libvirt's "KVM Real Time Guest Config"
 * (docs/kbase/kvm-realtime.rst).
 *
 * `isolated_cores` is the last CPU, and every CPU where that one is not is the host's own. Left out is what
 * has no effect here or cannot be set while a host runs:
 * - the kernel's command line (isolcpus, nohz_full, rcu_nocbs, skew_tick). Affinities do what isolcpus does
 *   for the threads and interrupts that there are.
 * - kvmclock_periodic_sync=0 and ple_gap=0, which KVM takes when it is loaded: the one is work of every five
 *   minutes, the other one is of Intel's CPUs and of vCPUs that share a CPU.
 * - power management (force_latency, governor, energy_perf_bias), of which an emulated CPU has none, queues
 *   of NICs (`channels`), and machine checks.
 *
 * libvirt wants a CPU of its own for every vCPU, also for the one that does the housekeeping. A host of two
 * CPUs has but one to isolate: the housekeeping vCPU is with everything else, where it comes before normal
 * threads. On the isolated CPU, with the RT vCPU's policy and priority, it might never run.
 */

const profile = 'realtime-virtual-host';

function sysctl(name: string, value: string, source: string): Setting {
  const path = `/proc/sys/${name.replaceAll('.', '/')}`;
  return { kind: 'file', path, value, ifPresent: true, why: `TuneD's ${source} sets ${name}.` };
}

function kernelThreads(named: string, priority: number, group: string): Setting {
  return {
    ...{ kind: 'scheduling', threads: 'softirq and timers', named, policy: 'fifo', priority },
    why: `TuneD's ${profile} does so: ${group}.`,
  };
}

const scheduler: readonly Setting[] = [
  kernelThreads('^ksoftirqd/', 2, 'group.ksoftirqd=0:f:2'),
  kernelThreads('^ktimers/', 2, 'group.ktimers=0:f:2'),
  kernelThreads('^rcuc/', 4, 'group.rcuc=0:f:4'),
  kernelThreads('^rcub/', 4, 'group.rcub=0:f:4'),
];

const sysctls: readonly Setting[] = [
  sysctl('kernel.sched_rt_runtime_us', '-1', 'realtime'),
  sysctl('net.core.busy_read', '50', 'network-latency'),
  sysctl('net.core.busy_poll', '50', 'network-latency'),
  sysctl('net.ipv4.tcp_fastopen', '3', 'network-latency'),
  sysctl('kernel.numa_balancing', '0', 'network-latency'),
  sysctl('kernel.hung_task_timeout_secs', '600', 'network-latency'),
  sysctl('kernel.nmi_watchdog', '0', 'network-latency'),
  sysctl('vm.stat_interval', '10', 'network-latency'),
  sysctl('kernel.timer_migration', '0', 'network-latency'),
  sysctl('vm.swappiness', '10', 'latency-performance'),
];

const files: readonly Setting[] = [
  {
    kind: 'file',
    path: '/sys/kernel/mm/transparent_hugepage/enabled',
    value: 'never',
    ifPresent: true,
    why: "TuneD's network-latency sets transparent_hugepages.",
  },
  {
    kind: 'file',
    path: '/sys/kernel/mm/ksm/run',
    value: '2',
    ifPresent: true,
    why: `TuneD's ${profile} stops the merging of pages.`,
  },
  {
    kind: 'file',
    path: '/sys/module/kvm/parameters/nx_huge_pages',
    value: 'N',
    ifPresent: true,
    why: `TuneD's ${profile} sets nx_huge_pages=0 (setup_kvm_mod_low_latency).`,
  },
];

const isolatedCpu: readonly Setting[] = [
  {
    kind: 'thread-affinity',
    threads: ['RT vCPU'],
    cpus: 'last',
    why: 'The advice of libvirt: it is pinned to one of the isolated CPUs (vcpupin).',
  },
  {
    kind: 'thread-affinity',
    threads: ['VMM', 'RT vNIC', 'heavy vNIC', 'heavy vCPU', 'housekeeping vCPU'],
    cpus: 'not-last',
    why: "The advice of libvirt: QEMU's other threads keep off the isolated CPUs (emulatorpin, which vhost workers follow).",
  },
  {
    kind: 'thread-affinity',
    threads: [
      'RT interrupt thread',
      'non-RT interrupt thread',
      'RT NAPI thread',
      'non-RT NAPI thread',
      'RT server',
      'softirq and timers',
      'other',
    ],
    cpus: 'not-last',
    why: "TuneD's realtime moves all threads off the isolated CPUs (isolated_cores of its scheduler plugin).",
  },
  {
    kind: 'interrupt-affinity',
    interrupts: 'rt-nic',
    cpus: 'not-last',
    why: `TuneD's ${profile} keeps all interrupts off the isolated CPUs, also those of the RT NIC (irqaffinity).`,
  },
  {
    kind: 'interrupt-affinity',
    interrupts: 'others',
    cpus: 'not-last',
    why: `TuneD's ${profile} keeps all interrupts off the isolated CPUs (irqaffinity).`,
  },
  {
    kind: 'workqueue-affinity',
    cpus: 'not-last',
    why: "TuneD's realtime keeps unbound kernel work off the isolated CPUs.",
  },
  {
    kind: 'workqueue-affinity',
    only: 'writeback',
    cpus: 'not-last',
    why: "TuneD's realtime keeps writeback off the isolated CPUs.",
  },
];

/** The priorities are libvirt's, below those of the profile: softirq work comes before the RT vCPU's guest. */
const vcpus: readonly Setting[] = (['RT vCPU', 'housekeeping vCPU'] as const).map((threads) => ({
  ...{ kind: 'scheduling', threads, policy: 'fifo', priority: 1 },
  why: "The advice of libvirt: a real-time policy and priority 1 for all vCPUs (vcpusched vcpus='0-4' scheduler='fifo' priority='1').",
}));

export const tunedSettings: readonly Setting[] = [
  ...sysctls,
  ...files,
  ...scheduler,
  ...vcpus,
  ...isolatedCpu,
];
