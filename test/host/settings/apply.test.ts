import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { napiModes } from '../../../src/host/napi.js';
import type { Change } from '../../../src/host/settings/applied.js';
import { readBackSettings, undoSettings } from '../../../src/host/settings/apply.js';
import type { Setting } from '../../../src/host/settings/registry.js';
import { threadClasses } from '../../../src/host/thread-class.js';
import { allMethods, methodById } from '../../../src/methods/catalogue.js';
import { type FakeHost, failure } from '../fake-host.js';
import { apply, layout, settingsHost, why } from './settings-host.js';

const path = '/sys/module/kvm/parameters/halt_poll_ns';
const cpus = fc.constantFrom('last' as const, 'not-last' as const);

const settings = fc.array(
  fc.oneof(
    fc.record({
      ...{ kind: fc.constant('scheduling' as const), why: fc.constant(why) },
      threads: fc.constantFrom(...threadClasses),
      // Nobody minds a class without threads then.
      named: fc.constantFrom('', '0', '^ksoftirqd/'),
      policy: fc.constantFrom('fifo' as const, 'rr' as const),
      priority: fc.integer({ min: 1, max: 99 }),
    }),
    fc.record({
      ...{ kind: fc.constant('thread-affinity' as const), cpus, why: fc.constant(why) },
      threads: fc.subarray([...threadClasses]),
    }),
    fc.record({
      ...{ kind: fc.constant('interrupt-affinity' as const), cpus, why: fc.constant(why) },
      interrupts: fc.constantFrom('rt-nic' as const, 'others' as const),
    }),
    fc.constantFrom<Setting>(
      { kind: 'workqueue-affinity', cpus: 'last', why },
      { kind: 'workqueue-affinity', cpus: 'not-last', only: 'writeback', why },
      { kind: 'threaded-napi', nics: 'rt', why },
      { kind: 'napi-busy-polling', nics: 'rt', why },
      { kind: 'kernel-module', module: 'ek_softirq', why },
      { kind: 'kernel-module', module: 'kvm', why },
      { kind: 'file', path, value: '5', why },
      { kind: 'file', path, value: '7', why },
      { kind: 'vhost-busy-polling', us: 100, why },
      { kind: 'guest-cpu-isolation', vms: 'rt', why },
      { kind: 'socket-outsourcing', maxSockets: 16, notification: 'idle', why },
    ),
  ),
  { maxLength: 12 },
);

/** What is there before settings are made: every thread has some scheduling and affinity, every file some value. */
const states = fc.record({
  policies: fc.array(fc.constantFrom('other', 'batch', 'idle', 'fifo', 'rr'), { minLength: 13 }),
  priority: fc.integer({ min: 1, max: 99 }),
  affinities: fc.array(fc.constantFrom([0], [1, 2], [0, 3], [3]), { minLength: 13 }),
  napi: fc.constantFrom('0', '1'),
  loaded: fc.boolean(),
  attached: fc.boolean(),
  number: fc.nat(9),
  modes: fc.tuple(fc.constantFrom(...napiModes), fc.constantFrom(...napiModes)),
});
type State = typeof states extends fc.Arbitrary<infer Value> ? Value : never;

async function hostIn(state: State): Promise<FakeHost> {
  const host = settingsHost();
  const tids = [10, 11, 12, 14, 15, 100, 101, 102, 103, 200, 201, 202, 300];
  for (const [index, tid] of tids.entries()) {
    const policy = state.policies[index] ?? 'other';
    const priority = policy === 'fifo' || policy === 'rr' ? state.priority : 0;
    await host.setScheduling(tid, { policy, priority });
    await host.setAffinity(tid, state.affinities[index] ?? [0]);
  }
  await host.writeFile('/sys/class/net/eth1/threaded', state.napi);
  await host.writeFile(path, `${state.number}`);
  await host.writeFile('/proc/irq/40/smp_affinity_list', `0,${1 + (state.number % 3)}`);
  for (const [index, mode] of state.modes.entries()) {
    host.files.set(`napi eth1 ${8193 + index}`, mode);
  }
  if (state.loaded) await host.loadModule('ek_softirq');
  if (state.attached)
    await host.writeFile('/dev/ek_host', 'attach pid=100 sockets=8 notification=interrupt');
  return host;
}

describe('undoing in reverse order', () => {
  test('restores what was there, whatever was set and whatever it was', async () => {
    await fc.assert(
      fc.asyncProperty(states, settings, async (state, some) => {
        const host = await hostIn(state);
        const before = host.state();
        const undone = await undoSettings(host, await apply(host, some));
        expect(host.state()).toEqual(before);
        for (const { wanted, actual } of undone) expect(actual).toBe(wanted);
      }),
    );
  });

  test('restores it also after a failure in the middle, from what was recorded', async () => {
    await fc.assert(
      fc.asyncProperty(states, settings, fc.nat(20), async (state, some, last) => {
        const host = await hostIn(state);
        const before = host.state();
        const recorded: Change[] = [];
        const record = (change: Change) => {
          recorded.push(change);
          // Recorded, but not made.
          if (recorded.length > last) throw failure('the host is gone', 'EIO');
        };
        await apply(host, some, { record }).catch(() => undefined);
        await undoSettings(host, recorded);
        expect(host.state()).toEqual(before);
      }),
    );
  });

  test('restores the other threads where some have ended meanwhile', async () => {
    const ending = fc.subarray([10, 12, 15, 101, 103, 202, 300]);
    await fc.assert(
      fc.asyncProperty(states, settings, ending, fc.nat(20), async (state, some, tids, when) => {
        const host = await hostIn(state);
        const before = host.state(tids);
        let left = when;
        const record = () => {
          if (left === 0) for (const tid of tids) host.end(tid);
          left -= 1;
        };
        const applied = await apply(host, some, { record });
        for (const tid of tids) host.end(tid);
        await undoSettings(host, applied);
        expect(host.state()).toEqual(before);
      }),
    );
  });

  test('goes on after a failure, and tells of it', async () => {
    const host = settingsHost();
    const file: Setting = { kind: 'file', path, value: '5', why };
    const napi: Setting = { kind: 'threaded-napi', nics: 'rt', why };
    const applied = await apply(host, [file, napi]);
    host.files.delete('/sys/class/net/eth1/threaded');
    await expect(undoSettings(host, applied)).rejects.toThrow(
      /^not everything could be undone: cannot write "0" to .*threaded/,
    );
    expect(host.files.get(path)).toBe('200000\n');
  });

  test('refuses changes of an unknown kind', async () => {
    const change = { kind: 'magic', target: { type: 'text', text: 'x' }, before: 'a' } as const;
    await expect(undoSettings(settingsHost(), [{ ...change, wanted: 'b', why }])).rejects.toThrow(
      'unknown kind of setting "magic"',
    );
  });
});

test('settings are made in their order', async () => {
  const host = settingsHost();
  await apply(host, [
    { kind: 'threaded-napi', nics: 'rt', why },
    { kind: 'scheduling', threads: 'RT NAPI thread', policy: 'fifo', priority: 50, why },
    { kind: 'workqueue-affinity', cpus: 'not-last', why },
  ]);
  expect(host.told).toEqual([
    '/sys/class/net/eth1/threaded = 1',
    '12: fifo 50',
    '/sys/devices/virtual/workqueue/cpumask = 3',
  ]);
});

test('a phase has the settings that take effect then, and no others', async () => {
  const host = settingsHost();
  const { settings: outsourcing } = methodById('outsourcing');
  await apply(host, outsourcing, { phases: ['host'] });
  expect(host.told).toEqual(['load ek_host']);
  await apply(host, outsourcing, { phases: ['vm-started'] });
  expect(host.told.slice(1)).toEqual([
    '/dev/ek_host = attach pid=100 sockets=4096 notification=idle keep',
    '/dev/ek_host = attach pid=200 sockets=4096 notification=idle keep netns=</run/netns/db>',
  ]);
  const running = await apply(host, outsourcing, { phases: ['running'] });
  expect(running.map(({ kind }) => kind)).not.toContain('socket-outsourcing');
});

test('what was made is read back later, and stays as it was where the target has ended', async () => {
  const host = settingsHost();
  const applied = await apply(host, [
    { kind: 'scheduling', threads: 'RT vCPU', policy: 'fifo', priority: 47, why },
    { kind: 'file', path, value: '5', why },
  ]);
  await host.writeFile(path, '6');
  host.end(101);
  const now = await readBackSettings(host, applied);
  expect(now.map(({ actual }) => actual)).toEqual(['SCHED_FIFO 47', '6']);
});

test.each(allMethods())('the host obeys all that $id asks for', async ({ settings: wanted }) => {
  const host = settingsHost();
  const pollUs = wanted.some(({ kind }) => kind === 'vhost-busy-polling') ? 100 : 0;
  host.files.set('/proc/200/cmdline', `qemu\0-netdev\0tap,poll-us=${pollUs}\0`);
  const applied = await apply(host, wanted);
  // A guest that has loaded its module is running.
  const attached = host.files.get('/proc/ek_host') ?? '';
  host.files.set('/proc/ek_host', attached.replaceAll(' waiting ', ' running '));
  for (const change of await readBackSettings(host, applied)) {
    expect(change.actual).toBe(change.wanted);
  }
});

test('the exclusive method leaves nothing of others on the RT CPU', async () => {
  const host = settingsHost();
  await apply(host, methodById('exclusive').settings);
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
  const single = { ...layout, cpus: [0] };
  await expect(apply(settingsHost(), methodById(id).settings, { layout: single })).rejects.toThrow(
    'a method that divides the CPUs needs a host with two or more',
  );
});
