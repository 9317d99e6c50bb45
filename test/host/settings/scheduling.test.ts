import { describe, expect, test } from 'vitest';
import type { HostLayout } from '../../../src/host/layout.js';
import { undoSettings } from '../../../src/host/settings/apply.js';
import { type Setting, settingSchema } from '../../../src/host/settings/registry.js';
import { formatScheduling, parseScheduling } from '../../../src/host/settings/scheduling.js';
import type { ThreadClass } from '../../../src/host/thread-class.js';
import { apply, layout, lines, settingsHost, why } from './settings-host.js';

const rtVcpu: Setting = {
  ...{ kind: 'scheduling', threads: 'RT vCPU', policy: 'fifo', priority: 47, why },
};
const interruptThreads: Setting = {
  ...{ kind: 'scheduling', threads: 'non-RT interrupt thread', policy: 'other', priority: 0, why },
};

test('is set for every thread of the class and no other', async () => {
  const host = settingsHost();
  const applied = await apply(host, [rtVcpu, interruptThreads]);
  expect(host.told).toEqual(['101: fifo 47', '11: other 0']);
  expect(applied[0]).toEqual({
    kind: 'scheduling',
    target: { type: 'thread', class: 'RT vCPU', pid: 100, tid: 101, comm: 'CPU 0/KVM' },
    before: 'SCHED_OTHER',
    wanted: 'SCHED_FIFO 47',
    actual: 'SCHED_FIFO 47',
    why,
  });
  expect(lines(applied)).toEqual([
    'RT vCPU: thread 101 (CPU 0/KVM): SCHED_OTHER > SCHED_FIFO 47',
    'non-RT interrupt thread: thread 11 (irq/40-eth0): SCHED_FIFO 50 > SCHED_OTHER',
  ]);
});

test('is set for those of the class that have a name and a CPU of the host', async () => {
  const host = settingsHost();
  const setting = { ...rtVcpu, threads: 'softirq and timers', priority: 2 } as const;
  await apply(host, [
    { ...setting, named: '^ksoftirqd/' },
    { ...setting, named: '^rcub/' },
  ]);
  expect(host.told).toEqual(['16: fifo 2']);
});

test('of a class that has no thread is a failure', async () => {
  const otherVm = { ...layout, rtVms: [{ pid: 10, rtVcpus: [0] }] };
  const setting = { ...rtVcpu, threads: 'RT vNIC', priority: 48 } as const;
  await expect(apply(settingsHost(), [setting], { layout: otherVm })).rejects.toMatchObject({
    message: 'the host has no thread to be set to SCHED_FIFO 48: RT vNIC',
    hints: [why],
  });
});

test.each<[ThreadClass, Partial<HostLayout>]>([
  ['RT vNIC', { rtVms: [] }],
  ['RT vCPU', { rtVms: [] }],
  ['RT server', { rtServers: [] }],
])('of %s is nothing on a host that has none', async (threads, without) => {
  const host = settingsHost();
  const smaller = { ...layout, ...without };
  expect(await apply(host, [{ ...rtVcpu, threads }], { layout: smaller })).toEqual([]);
  expect(host.told).toEqual([]);
});

test('that did not take effect shows', async () => {
  const host = settingsHost();
  host.stubborn.add(11);
  expect(await apply(host, [interruptThreads])).toMatchObject([
    { wanted: 'SCHED_OTHER', actual: 'SCHED_FIFO 50' },
  ]);
});

test('that a thread had before is put back, also a policy that no setting asks for', async () => {
  const host = settingsHost();
  await host.setScheduling(101, { policy: 'batch', priority: 0 });
  const before = host.state();
  await undoSettings(host, await apply(host, [rtVcpu]));
  expect(host.state()).toEqual(before);
});

describe('in words', () => {
  test.each([
    ['SCHED_FIFO 1', 'fifo', 1],
    ['SCHED_RR 99', 'rr', 99],
    ['SCHED_OTHER', 'other', 0],
    ['SCHED_BATCH', 'batch', 0],
    ['SCHED_IDLE', 'idle', 0],
  ] as const)('%s reads back', (text, policy, priority) => {
    expect(formatScheduling({ policy, priority })).toBe(text);
    expect(parseScheduling(text)).toEqual({ policy, priority });
  });

  test.each(['SCHED_DEADLINE', 'SCHED_FIFO', 'SCHED_OTHER 3', ''])('%s is refused', (text) => {
    expect(() => parseScheduling(text)).toThrow(`no thread can be given the scheduling "${text}"`);
  });
});

test.each([
  ['fifo', 0],
  ['rr', 100],
  ['other', 1],
])('%s has no priority %i', (policy, priority) => {
  expect(settingSchema.safeParse({ ...rtVcpu, policy, priority }).success).toBe(false);
  expect(settingSchema.safeParse(rtVcpu).success).toBe(true);
});
