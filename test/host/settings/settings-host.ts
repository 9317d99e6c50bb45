import type { HostLayout } from '../../../src/host/layout.js';
import type { AppliedSetting } from '../../../src/host/settings/applied.js';
import { type ApplyOptions, applySettings } from '../../../src/host/settings/apply.js';
import { describeTarget } from '../../../src/host/settings/describe-target.js';
import type { Setting } from '../../../src/host/settings/registry.js';
import { FakeHost } from '../fake-host.js';

/** A host with an RT VM, a heavy VM and an RT server, for the tests of settings. */

export const layout: HostLayout = {
  cpus: [0, 1, 2],
  rtNics: ['eth1'],
  rtVms: [{ pid: 100, rtVcpus: [0], isolatedVcpus: [1] }],
  rtServers: [{ pid: 300 }],
  heavyVms: [{ pid: 200, name: 'db', netns: '/run/netns/db' }],
};

export const why = 'A reason.';

export const attachedVmsHead =
  'pid state netns notification sockets max_sockets calls errors refused sent received bytes_sent bytes_received events overflows wakes undelivered throttled with_event\n';

/** CPU 3 is not the host's. */
export function settingsHost(): FakeHost {
  const cpus = [0, 1, 2];
  const host = new FakeHost(
    [
      { tid: 10, comm: 'irq/30-eth1', policy: 1, priority: 50, cpus },
      { tid: 11, comm: 'irq/40-eth0', policy: 1, priority: 50, cpus },
      { tid: 12, comm: 'napi/eth1-5', cpus },
      { tid: 13, comm: 'kworker/1:0', cpus: [1], bound: true },
      { tid: 14, comm: 'client', cpus: [3] },
      { tid: 15, comm: 'sshd', cpus: [2, 3] },
      { tid: 16, comm: 'ksoftirqd/0', cpus: [0], bound: true },
      { tid: 18, comm: 'ksoftirqd/3', cpus: [3], bound: true },
      { tid: 17, comm: 'rcuc/0', policy: 1, priority: 1, cpus: [0], bound: true },
      { tid: 100, comm: 'qemu', cpus },
      { tid: 101, pid: 100, comm: 'CPU 0/KVM', cpus },
      { tid: 102, pid: 100, comm: 'CPU 1/KVM', cpus },
      { tid: 103, pid: 100, comm: 'vhost-100', cpus },
      { tid: 200, comm: 'qemu', cpus },
      { tid: 201, pid: 200, comm: 'CPU 0/KVM', cpus },
      { tid: 202, pid: 200, comm: 'vhost-200', cpus },
      { tid: 300, comm: 'memcached', cpus },
    ],
    {
      '/sys/class/net/eth1/device/msi_irqs/30': 'msix\n',
      '/sys/class/net/eth1/threaded': '0\n',
      '/sys/devices/virtual/workqueue/cpumask': 'f\n',
      '/sys/bus/workqueue/devices/writeback/cpumask': 'f\n',
      '/sys/module/kvm/parameters/halt_poll_ns': '200000\n',
      '/sys/module/kvm/parameters/halt_poll_ns_grow_start': '10000\n',
      '/proc/sys/kernel/sched_rr_timeslice_ms': '100\n',
      '/proc/sys/net/core/rtnet_prio': '0\n',
      '/proc/sys/net/core/rtnet_thread_prio': '50\n',
      '/proc/modules': 'kvm 1 0 - Live 0x0\n',
      '/proc/ek_host': attachedVmsHead,
      '/proc/irq/default_smp_affinity': 'f\n',
      ...interrupt(30, 'eth1', '0-2'),
      ...interrupt(40, 'eth0', '0-3'),
      ...interrupt(41, undefined, '0-3'),
      ...interrupt(42, 'client', '3'),
      '/proc/100/cmdline':
        'qemu\0-append\0quiet isolcpus=managed_irq,domain,1 nohz_full=1 irqaffinity=0 x=1\0-netdev\0tap,id=net0,vhost=on,poll-us=100\0',
      '/proc/200/cmdline': 'qemu\0-netdev\0tap,id=net0,vhost=on\0',
      'napi eth1 8193': 'disabled',
      'napi eth1 8194': 'disabled',
    },
  );
  host.programs.set('napi-mode', (args) => napiMode(host, args));
  return host;
}

/** As lab/workloads/napi-mode.c, on files of which each is a NAPI instance. */
function napiMode(host: FakeHost, [nic, id, mode]: readonly string[]): string {
  if (mode !== undefined) host.files.set(`napi ${nic} ${id}`, mode);
  if (id !== undefined) return '';
  return [...host.files]
    .filter(([name]) => name.startsWith(`napi ${nic} `))
    .map(([name, value]) => `${name.split(' ')[2]} ${value} 0\n`)
    .join('');
}

function interrupt(number: number, action: string | undefined, cpus: string) {
  const folder = `/proc/irq/${number}`;
  return {
    [`${folder}/affinity_hint`]: '0\n',
    [`${folder}/effective_affinity`]: '1\n',
    [`${folder}/effective_affinity_list`]: '0\n',
    [`${folder}/node`]: '0\n',
    [`${folder}/smp_affinity`]: 'f\n',
    [`${folder}/smp_affinity_list`]: `${cpus}\n`,
    [`${folder}/spurious`]: 'count 0\n',
    ...(action === undefined ? {} : { [`${folder}/${action}/`]: '' }),
  };
}

export function apply(
  host: FakeHost,
  settings: readonly Setting[],
  options: ApplyOptions & { layout?: HostLayout } = {},
): Promise<AppliedSetting[]> {
  return applySettings({ host, layout: options.layout ?? layout }, settings, options);
}

/** Target in words, what was there, what was asked for and what came of it. */
export function lines(applied: readonly AppliedSetting[]): string[] {
  return applied.map(
    ({ target, before, wanted, actual }) =>
      `${describeTarget(target)}: ${before} > ${wanted}${actual === wanted ? '' : `, is ${actual}`}`,
  );
}
