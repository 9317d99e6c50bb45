import { beforeEach, describe, expect, test } from 'vitest';
import type { HostLayout } from '../../src/host/layout.js';
import type { ThreadClass } from '../../src/host/thread-class.js';
import { applyMethod } from '../../src/methods/apply.js';
import { allMethods, methodById } from '../../src/methods/catalogue.js';
import { type Method, type Setting, settingOf } from '../../src/methods/method.js';
import { FakeHost } from '../host/fake-host.js';

const layout: HostLayout = {
  cpus: [0, 1, 2],
  rtNics: ['eth1'],
  rtVms: [{ pid: 100, rtVcpus: [0] }],
  rtServers: [{ pid: 300 }],
  heavyVms: [{ pid: 200 }],
};
const why = 'a reason';
let host: FakeHost;

/** CPU 3 is not the host's. */
beforeEach(() => {
  const cpus = [0, 1, 2];
  host = new FakeHost(
    [
      { tid: 10, comm: 'irq/30-eth1', policy: 1, priority: 50, cpus },
      { tid: 11, comm: 'irq/40-eth0', policy: 1, priority: 50, cpus },
      { tid: 12, comm: 'napi/eth1-5', cpus },
      { tid: 13, comm: 'kworker/1:0', cpus: [1], bound: true },
      { tid: 14, comm: 'client', cpus: [3] },
      { tid: 15, comm: 'sshd', cpus: [2, 3] },
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
      '/sys/module/kvm/parameters/halt_poll_ns': '200000\n',
      '/proc/sys/kernel/sched_rr_timeslice_ms': '100\n',
      '/proc/sys/net/core/rtnet_prio': '0\n',
      '/proc/modules': 'kvm 1 0 - Live 0x0\n',
      '/proc/ek_host': [
        'pid state netns notification sockets max_sockets calls errors refused sent received bytes_sent bytes_received events overflows wakes undelivered',
        '100 running 1 idle 1 4096 0 0 0 0 0 0 0 0 0 0 0',
        '200 running 2 idle 1 4096 0 0 0 0 0 0 0 0 0 0 0',
        '',
      ].join('\n'),
      '/sys/module/kvm/parameters/halt_poll_ns_grow_start': '10000\n',
      '/proc/irq/default_smp_affinity': 'f\n',
      ...interrupt(30, 'eth1', '0-2'),
      ...interrupt(40, 'eth0', '0-3'),
      ...interrupt(41, undefined, '0-3'),
      ...interrupt(42, 'client', '3'),
      '/proc/100/cmdline': 'qemu\0-netdev\0tap,id=net0,vhost=on,poll-us=100\0',
      '/proc/200/cmdline': 'qemu\0-netdev\0tap,id=net0,vhost=on\0',
    },
  );
});

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

function method(...settings: Setting[]): Method {
  return { id: 'test', title: 'Test', summary: 'for a test', kernel: 'rt', settings };
}

function apply(...settings: Setting[]) {
  return applyMethod(host, layout, method(...settings));
}

describe('scheduling', () => {
  test('is set for every thread of the class and no other', async () => {
    const applied = await apply(
      { kind: 'scheduling', threads: 'RT vCPU', policy: 'fifo', priority: 47, why },
      { kind: 'scheduling', threads: 'non-RT interrupt thread', policy: 'other', priority: 0, why },
    );
    expect(host.told).toEqual(['101: fifo 47', '11: other 0']);
    expect(applied).toEqual([
      {
        target: 'RT vCPU: thread 101 (CPU 0/KVM)',
        wanted: 'SCHED_FIFO 47',
        actual: 'SCHED_FIFO 47',
        why,
      },
      {
        target: 'non-RT interrupt thread: thread 11 (irq/40-eth0)',
        wanted: 'SCHED_OTHER',
        actual: 'SCHED_OTHER',
        why,
      },
    ]);
  });

  test('of a class that has no thread is a failure', async () => {
    const otherVm = { ...layout, rtVms: [{ pid: 10, rtVcpus: [0] }] };
    const setting = { kind: 'scheduling', threads: 'RT vNIC', policy: 'fifo', priority: 48, why };
    await expect(applyMethod(host, otherVm, method(setting as Setting))).rejects.toMatchObject({
      message: 'the host has no thread to be set to SCHED_FIFO 48: RT vNIC',
      hints: [why],
    });
  });

  test.each<[ThreadClass, Partial<HostLayout>]>([
    ['RT vNIC', { rtVms: [] }],
    ['RT vCPU', { rtVms: [] }],
    ['RT server', { rtServers: [] }],
  ])('of %s is nothing on a host that has none', async (threads, without) => {
    const setting = { kind: 'scheduling', threads, policy: 'fifo', priority: 48, why } as const;
    expect(await applyMethod(host, { ...layout, ...without }, method(setting))).toEqual([]);
    expect(host.told).toEqual([]);
  });

  test('that did not take effect shows', async () => {
    host.stubborn.add(11);
    const applied = await apply({
      kind: 'scheduling',
      threads: 'non-RT interrupt thread',
      policy: 'other',
      priority: 0,
      why,
    });
    expect(applied).toMatchObject([{ wanted: 'SCHED_OTHER', actual: 'SCHED_FIFO 50' }]);
  });
});

describe('the affinity of threads', () => {
  test('is the last CPU of the host for RT work', async () => {
    const applied = await apply({
      kind: 'thread-affinity',
      threads: ['RT vCPU', 'RT vNIC', 'RT NAPI thread', 'RT interrupt thread'],
      cpus: 'last',
      why,
    });
    expect([...host.told].sort()).toEqual(['101: CPU 2', '103: CPU 2', '10: CPU 2', '12: CPU 2']);
    for (const { wanted, actual } of applied) expect([wanted, actual]).toEqual(['CPU 2', 'CPU 2']);
  });

  test('keeps the vCPUs of an RT VM apart', async () => {
    const applied = await apply(
      { kind: 'thread-affinity', threads: ['housekeeping vCPU'], cpus: 'last', why },
      { kind: 'thread-affinity', threads: ['RT vCPU'], cpus: 'not-last', why },
    );
    expect(host.told).toEqual(['102: CPU 2', '101: CPU 0-1']);
    expect(applied.map(({ actual }) => actual)).toEqual(['CPU 2', 'CPU 0-1']);
  });

  test('leaves bound threads and those on CPUs of others alone', async () => {
    const applied = await apply({
      kind: 'thread-affinity',
      threads: ['other'],
      cpus: 'not-last',
      why,
    });
    expect(host.told).toEqual(['15: CPU 0-1']);
    expect(applied.map(({ target }) => target)).toEqual(['other: thread 15 (sshd)']);
  });

  test('that did not take effect shows', async () => {
    host.stubborn.add(202);
    expect(
      await apply({ kind: 'thread-affinity', threads: ['heavy vNIC'], cpus: 'not-last', why }),
    ).toMatchObject([{ wanted: 'CPU 0-1', actual: 'CPU 0-2' }]);
  });
});

describe('the affinity of interrupts', () => {
  const rtNic: Setting = { kind: 'interrupt-affinity', interrupts: 'rt-nic', cpus: 'last', why };
  const others: Setting = {
    kind: 'interrupt-affinity',
    interrupts: 'others',
    cpus: 'not-last',
    why,
  };

  test('of the RT NIC is the RT CPU', async () => {
    expect(await apply(rtNic)).toEqual([{ target: 'interrupt 30', wanted: '2', actual: '2', why }]);
    expect(host.told).toEqual(['/proc/irq/30/smp_affinity_list = 2']);
  });

  test('of the others is set if they have a handler and may interrupt the host', async () => {
    expect(await apply(others)).toEqual([
      { target: 'interrupt 40', wanted: '0-1', actual: '0-1', why },
    ]);
    expect(host.told).toEqual(['/proc/irq/40/smp_affinity_list = 0-1']);
  });

  test('that did not take effect shows', async () => {
    host.shown.set('/proc/irq/30/smp_affinity_list', '0-2\n');
    expect(await apply(rtNic)).toMatchObject([{ wanted: '2', actual: '0-2' }]);
  });
});

describe('the affinity of workqueues', () => {
  const path = '/sys/devices/virtual/workqueue/cpumask';
  const setting: Setting = { kind: 'workqueue-affinity', cpus: 'not-last', why };

  test('is a mask', async () => {
    expect(await apply(setting)).toEqual([{ target: path, wanted: '3', actual: '3', why }]);
    expect(host.told).toEqual([`${path} = 3`]);
  });

  test.each([
    ['0003', '3'],
    ['00000003', '3'],
    ['00000000,00000003', '3'],
    ['00000000,00000000', '0'],
    ['00000001,00000003', '1,00000003'],
    ['0000000f', 'f'],
  ])('that the kernel shows as %s is %s', async (shown, actual) => {
    host.shown.set(path, `${shown}\n`);
    expect(await apply(setting)).toMatchObject([{ wanted: '3', actual }]);
  });
});

describe('threaded NAPI', () => {
  const setting: Setting = { kind: 'threaded-napi', nics: 'rt', why };
  const path = '/sys/class/net/eth1/threaded';

  test('is switched on for the RT NIC', async () => {
    expect(await apply(setting)).toEqual([{ target: path, wanted: '1', actual: '1', why }]);
    expect(host.told).toEqual([`${path} = 1`]);
  });

  test('that did not take effect shows', async () => {
    host.shown.set(path, '0\n');
    expect(await apply(setting)).toMatchObject([{ wanted: '1', actual: '0' }]);
  });

  test('fails for a NIC that does not exist', async () => {
    const missing = { ...layout, rtNics: ['eth7'] };
    await expect(applyMethod(host, missing, method(setting))).rejects.toThrow(
      'cannot write "1" to /sys/class/net/eth7/threaded',
    );
  });
});

test('outsourced sockets are read back: which VMs are attached, and use it', async () => {
  const [head, rtVm] = (host.files.get('/proc/ek_host') ?? '').split('\n');
  host.files.set('/proc/ek_host', `${head}\n${rtVm?.replace('running', 'waiting')}\n`);
  const applied = await apply({
    ...{ kind: 'socket-outsourcing', maxSockets: 4096, notification: 'interrupt', why },
  });
  const wanted = 'running (notification: interrupt)';
  expect(applied).toEqual([
    { target: 'sockets of VM 100', wanted, actual: 'waiting (notification: idle)', why },
    { target: 'sockets of VM 200', wanted, actual: 'not attached', why },
  ]);
});

test('busy polling is only read, from how each VM was started', async () => {
  expect(await apply({ kind: 'vhost-busy-polling', us: 100, why })).toEqual([
    { target: 'vNIC of VM 100', wanted: '100 us', actual: '100 us', why },
    { target: 'vNIC of VM 200', wanted: '100 us', actual: '0 us', why },
  ]);
  expect(host.told).toEqual([]);
});

describe('a kernel module', () => {
  const setting: Setting = { kind: 'kernel-module', module: 'ek_softirq', why };

  test('is loaded, and read back from the list of modules', async () => {
    expect(await apply(setting)).toEqual([
      { target: 'kernel module ek_softirq', wanted: 'Live', actual: 'Live', why },
    ]);
    expect(host.told).toEqual(['load ek_softirq']);
  });

  test('that is not there afterwards is not said to be', async () => {
    host.shown.set('/proc/modules', 'ek_softirq_other 1 0 - Live 0x0\n');
    expect(await apply(setting)).toMatchObject([{ wanted: 'Live', actual: 'not loaded' }]);
  });
});

describe('a file', () => {
  const path = '/sys/module/kvm/parameters/halt_poll_ns';
  const setting: Setting = { kind: 'file', path, value: '2000000', why };

  test('gets its value', async () => {
    expect(await apply(setting)).toEqual([
      { target: path, wanted: '2000000', actual: '2000000', why },
    ]);
    expect(host.told).toEqual([`${path} = 2000000`]);
  });

  test('that did not take its value shows', async () => {
    host.shown.set(path, '200000\n');
    expect(await apply(setting)).toMatchObject([{ wanted: '2000000', actual: '200000' }]);
  });
});

test('settings are applied in their order', async () => {
  await apply(
    { kind: 'threaded-napi', nics: 'rt', why },
    { kind: 'scheduling', threads: 'RT NAPI thread', policy: 'fifo', priority: 50, why },
    { kind: 'workqueue-affinity', cpus: 'not-last', why },
  );
  expect(host.told).toEqual([
    '/sys/class/net/eth1/threaded = 1',
    '12: fifo 50',
    '/sys/devices/virtual/workqueue/cpumask = 3',
  ]);
});

test.each(allMethods().filter(({ id }) => id !== 'busy-polling'))(
  'the host obeys all that $id asks for',
  async (one) => {
    const notification = settingOf(one, 'socket-outsourcing')?.notification ?? 'idle';
    const attached = host.files.get('/proc/ek_host') ?? '';
    host.files.set('/proc/ek_host', attached.replaceAll(' idle ', ` ${notification} `));
    const applied = await applyMethod(host, layout, one);
    expect(applied.length).toBeGreaterThanOrEqual(one.settings.length);
    for (const { wanted, actual } of applied) expect(actual).toBe(wanted);
  },
);

test('the exclusive method leaves nothing of others on the RT CPU', async () => {
  await applyMethod(host, layout, methodById('exclusive'));
  const onRtCpu = host.told.filter((line) => /(: CPU|smp_affinity_list =) .*2$/.test(line));
  expect([...onRtCpu].sort()).toEqual([
    '/proc/irq/30/smp_affinity_list = 2',
    '101: CPU 2',
    '103: CPU 2',
    '10: CPU 2',
    '12: CPU 2',
    '300: CPU 2',
  ]);
});

test.each(['exclusive', 'outsourcing'])('%s fails on a host with one CPU', async (id) => {
  await expect(applyMethod(host, { ...layout, cpus: [0] }, methodById(id))).rejects.toThrow(
    'a method that divides the CPUs needs a host with two or more',
  );
});
