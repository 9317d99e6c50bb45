import { expect, test } from 'vitest';
import type { Setting } from '../../../src/host/settings/registry.js';
import type { ThreadClass } from '../../../src/host/thread-class.js';
import { apply, layout, lines, settingsHost, why } from './settings-host.js';

function on(cpus: 'last' | 'not-last', ...threads: ThreadClass[]): Setting {
  return { kind: 'thread-affinity', threads, cpus, why };
}

test('is the last CPU of the host for RT work', async () => {
  const host = settingsHost();
  const setting = on('last', 'RT vCPU', 'RT vNIC', 'RT NAPI thread', 'RT interrupt thread');
  const applied = await apply(host, [setting]);
  expect([...host.told].sort()).toEqual(['101: CPU 2', '103: CPU 2', '10: CPU 2', '12: CPU 2']);
  for (const { before, wanted, actual } of applied) {
    expect([before, wanted, actual]).toEqual(['CPU 0-2', 'CPU 2', 'CPU 2']);
  }
});

test('keeps the vCPUs of an RT VM apart', async () => {
  const host = settingsHost();
  const applied = await apply(host, [on('last', 'housekeeping vCPU'), on('not-last', 'RT vCPU')]);
  expect(host.told).toEqual(['102: CPU 2', '101: CPU 0-1']);
  expect(applied.map(({ actual }) => actual)).toEqual(['CPU 2', 'CPU 0-1']);
});

test('leaves bound threads and those on CPUs of others alone', async () => {
  const host = settingsHost();
  expect(lines(await apply(host, [on('not-last', 'other')]))).toEqual([
    'other: thread 15 (sshd): CPU 2-3 > CPU 0-1',
  ]);
  expect(host.told).toEqual(['15: CPU 0-1']);
});

test('that did not take effect shows', async () => {
  const host = settingsHost();
  host.stubborn.add(202);
  expect(await apply(host, [on('not-last', 'heavy vNIC')])).toMatchObject([
    { wanted: 'CPU 0-1', actual: 'CPU 0-2' },
  ]);
});

test('needs two CPUs', async () => {
  const single = { ...layout, cpus: [0] };
  await expect(apply(settingsHost(), [on('last', 'other')], { layout: single })).rejects.toThrow(
    'a method that divides the CPUs needs a host with two or more',
  );
});
