import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostLayout } from '../../src/host/layout.js';
import {
  hostThreads,
  parseThreadStat,
  threadAffinity,
  threadRunNs,
  threadScheduling,
} from '../../src/host/threads.js';
import { EvenkeelError } from '../../src/process/errors.js';
import { FakeHost, type FakeThread, failure, threadStat } from './fake-host.js';

const layout: HostLayout = {
  cpus: [0, 1],
  rtNics: ['eth1'],
  rtVms: [{ pid: 100, rtVcpus: [1] }],
  rtServers: [{ pid: 400 }],
  heavyVms: [{ pid: 200 }],
};
const rtNicInterrupts = {
  '/sys/class/net/eth1/device/msi_irqs/30': 'msix\n',
  '/sys/class/net/eth1/device/msi_irqs/31': 'msix\n',
  '/sys/class/net/eth10/device/msi_irqs/40': 'msix\n',
};

describe('parseThreadStat', () => {
  test.each(['bash', 'a b c', ') S 0 0 (', '((sd-pam))', ':-) 1 2 3', '', 'CPU 0/KVM'])(
    'reads the name "%s"',
    (comm) => {
      const stat = threadStat({ tid: 7, comm, policy: 1, priority: 47 });
      expect(parseThreadStat(stat)).toEqual({
        comm,
        scheduling: { policy: 'fifo', priority: 47 },
        bound: false,
      });
    },
  );

  test('reads any name', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), fc.boolean(), (comm, bound) => {
        const stat = threadStat({ tid: 7, comm, bound, policy: 2, priority: 3 });
        expect(parseThreadStat(stat)).toEqual({
          comm,
          scheduling: { policy: 'rr', priority: 3 },
          bound,
        });
      }),
    );
  });

  test.each([
    [0, 'other'],
    [1, 'fifo'],
    [2, 'rr'],
    [3, 'batch'],
    [5, 'idle'],
    [6, 'deadline'],
  ])('policy %i is %s', (policy, name) => {
    expect(parseThreadStat(threadStat({ tid: 7, comm: 'a', policy })).scheduling.policy).toBe(name);
  });

  test.each(['', 'nonsense', threadStat({ tid: 7, comm: 'a', policy: 4 })])(
    'refuses what is no such line: %j',
    (stat) => {
      expect(() => parseThreadStat(stat)).toThrow(EvenkeelError);
    },
  );

  test('refuses a line that was cut off, wherever that is', () => {
    const comm = fc.string({ maxLength: 15 });
    const policy = fc.constantFrom(0, 1, 2, 3, 5, 6);
    fc.assert(
      fc.property(comm, policy, fc.nat(), (name, number, cut) => {
        const stat = threadStat({ tid: 7, comm: name, policy: number });
        expect(() => parseThreadStat(stat.slice(0, cut % stat.length))).toThrow(
          'expected a whole line of /proc/PID/stat, got "',
        );
      }),
    );
  });

  test('refuses a line with too few fields', () => {
    const fields = threadStat({ tid: 7, comm: 'a' }).trim().split(' ');
    for (let count = 0; count < 41; count += 1) {
      const stat = `${fields.slice(0, count).join(' ')}\n`;
      expect(() => parseThreadStat(stat)).toThrow(EvenkeelError);
    }
  });
});

describe('hostThreads', () => {
  test.each<[Omit<FakeThread, 'tid'>, string]>([
    [{ comm: 'irq/30-eth1-rx-0' }, 'RT interrupt thread'],
    [{ comm: 'irq/31-eth1-tx-0' }, 'RT interrupt thread'],
    [{ comm: 'irq/40-eth10' }, 'non-RT interrupt thread'],
    [{ comm: 'irq/3-serial' }, 'non-RT interrupt thread'],
    [{ comm: 'napi/eth1-8193' }, 'RT NAPI thread'],
    [{ comm: 'napi/eth10-8194' }, 'non-RT NAPI thread'],
    [{ comm: 'ksoftirqd/1' }, 'softirq and timers'],
    [{ comm: 'ktimers/1' }, 'softirq and timers'],
    [{ comm: 'rcu_preempt' }, 'softirq and timers'],
    [{ comm: 'kworker/0:1' }, 'other'],
    [{ comm: 'sshd' }, 'other'],
    [{ pid: 100, comm: 'CPU 1/KVM' }, 'RT vCPU'],
    [{ pid: 100, comm: 'CPU 0/KVM' }, 'housekeeping vCPU'],
    [{ pid: 100, comm: 'CPU 11/KVM' }, 'housekeeping vCPU'],
    [{ pid: 100, comm: 'vhost-100' }, 'RT vNIC'],
    [{ pid: 100, comm: 'qemu-system-x86' }, 'VMM'],
    [{ pid: 200, comm: 'CPU 1/KVM' }, 'heavy vCPU'],
    [{ pid: 200, comm: 'vhost-200' }, 'heavy vNIC'],
    [{ pid: 200, comm: 'IO mon_iothread' }, 'VMM'],
    [{ pid: 400, comm: 'rt-server' }, 'RT server'],
    // Of a VM that the layout does not know.
    [{ pid: 300, comm: 'vhost-300' }, 'other'],
    [{ pid: 300, comm: 'CPU 1/KVM' }, 'other'],
  ])('%o is %s', async (thread, threadClass) => {
    const host = new FakeHost([{ tid: 1000, ...thread }], rtNicInterrupts);
    const threads = await hostThreads(host, layout);
    expect(threads).toHaveLength(1);
    expect(threads[0]).toMatchObject({
      tid: 1000,
      pid: thread.pid ?? 1000,
      comm: thread.comm,
      class: threadClass,
    });
  });

  test('finds all threads of all processes, with how they run', async () => {
    const host = new FakeHost(
      [
        { tid: 15, comm: 'ksoftirqd/0', bound: true },
        { tid: 100, comm: 'qemu' },
        { tid: 101, pid: 100, comm: 'CPU 1/KVM', policy: 1, priority: 47 },
      ],
      { '/proc/uptime': '1 1\n', '/proc/irq/30/smp_affinity_list': '0\n' },
    );
    const threads = await hostThreads(host, layout);
    expect(threads.map(({ pid, tid }) => [pid, tid])).toEqual([
      [100, 100],
      [100, 101],
      [15, 15],
    ]);
    expect(threads[1]?.scheduling).toEqual({ policy: 'fifo', priority: 47 });
    expect(threads.map(({ bound }) => bound)).toEqual([false, false, true]);
  });

  test.each(['ENOENT', 'ESRCH'])('leaves out what ends meanwhile: %s', async (code) => {
    const host = new FakeHost([
      { tid: 100, comm: 'qemu' },
      { tid: 101, pid: 100, comm: 'CPU 1/KVM' },
      { tid: 200, comm: 'short' },
    ]);
    const { readFile, list } = host;
    host.readFile = async (path) => {
      if (path.includes('/101/')) throw failure('gone', code);
      return readFile.call(host, path);
    };
    host.list = async (path) => {
      if (path === '/proc/200/task') throw failure('gone', code);
      return list.call(host, path);
    };
    expect((await hostThreads(host, layout)).map(({ tid }) => tid)).toEqual([100]);
  });

  test('does not take another failure for the end of a thread', async () => {
    const host = new FakeHost([{ tid: 100, comm: 'qemu' }]);
    host.readFile = () => Promise.reject(failure('not allowed', 'EACCES'));
    await expect(hostThreads(host, layout)).rejects.toThrow('not allowed');
  });
});

describe('a thread', () => {
  test('has an affinity and a scheduling', async () => {
    const host = new FakeHost([
      { tid: 9, comm: 'a', cpus: [0, 1, 3], policy: 1, priority: 5 },
      { tid: 8, comm: 'b', cpus: [2] },
    ]);
    expect(await threadAffinity(host, 9)).toEqual([0, 1, 3]);
    expect(await threadAffinity(host, 8)).toEqual([2]);
    expect(await threadScheduling(host, 9)).toEqual({ policy: 'fifo', priority: 5 });
  });

  test('without an affinity is a failure', async () => {
    const host = new FakeHost([], { '/proc/9/status': 'Name:\ta\n' });
    await expect(threadAffinity(host, 9)).rejects.toThrow(
      '/proc/9/status has no Cpus_allowed_list',
    );
  });

  test('has run for the first field of schedstat, unless it has ended', async () => {
    const host = new FakeHost([], {
      '/proc/9/task/10/schedstat': '9007199254740993 5 7\n',
    });
    expect(await threadRunNs(host, { pid: 9, tid: 10 })).toBe(9_007_199_254_740_993n);
    expect(await threadRunNs(host, { pid: 9, tid: 11 })).toBeUndefined();
  });
});
