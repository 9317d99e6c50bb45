import { expect, test } from 'vitest';
import type { Setting } from '../../../src/host/settings/registry.js';
import { apply, lines, settingsHost, why } from './settings-host.js';

const path = '/sys/module/kvm/parameters/halt_poll_ns';
const setting: Setting = { kind: 'file', path, value: '2000000', why };

test('gets its value', async () => {
  const host = settingsHost();
  expect(lines(await apply(host, [setting]))).toEqual([`${path}: 200000 > 2000000`]);
  expect(host.told).toEqual([`${path} = 2000000`]);
});

test('that has its value is not written: a host without the hardware for a feature would refuse', async () => {
  const host = settingsHost();
  expect(lines(await apply(host, [{ ...setting, value: '200000' }]))).toEqual([
    `${path}: 200000 > 200000`,
  ]);
  expect(host.told).toEqual([]);
});

test('that did not take its value shows', async () => {
  const host = settingsHost();
  host.shown.set(path, '200000\n');
  expect(await apply(host, [setting])).toMatchObject([{ wanted: '2000000', actual: '200000' }]);
});

test('with a choice has the one in brackets', async () => {
  const host = settingsHost();
  host.shown.set(path, 'always [madvise] never\n');
  expect(await apply(host, [{ ...setting, value: 'never' }])).toMatchObject([
    { before: 'madvise', wanted: 'never', actual: 'madvise' },
  ]);
});

test('that a kernel may lack is left out there; another one is a failure', async () => {
  const host = settingsHost();
  const missing = { ...setting, path: '/sys/kernel/mm/ksm/run' };
  expect(await apply(host, [{ ...missing, ifPresent: true }])).toEqual([]);
  expect(await apply(host, [{ ...setting, ifPresent: true }])).toHaveLength(1);
  await expect(apply(host, [missing])).rejects.toThrow('cannot read /sys/kernel/mm/ksm/run');
});
