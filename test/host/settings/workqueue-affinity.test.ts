import { expect, test } from 'vitest';
import type { Setting } from '../../../src/host/settings/registry.js';
import { apply, lines, settingsHost, why } from './settings-host.js';

const path = '/sys/devices/virtual/workqueue/cpumask';
const setting: Setting = { kind: 'workqueue-affinity', cpus: 'not-last', why };

test('is a mask', async () => {
  const host = settingsHost();
  expect(lines(await apply(host, [setting]))).toEqual([`${path}: f > 3`]);
  expect(host.told).toEqual([`${path} = 3`]);
});

test('of writeback is a mask of its own', async () => {
  const host = settingsHost();
  await apply(host, [{ ...setting, only: 'writeback' }]);
  expect(host.told).toEqual(['/sys/bus/workqueue/devices/writeback/cpumask = 3']);
});

test.each([
  ['0003', '3'],
  ['00000003', '3'],
  ['00000000,00000003', '3'],
  ['00000000,00000000', '0'],
  ['00000001,00000003', '1,00000003'],
  ['0000000f', 'f'],
])('that the kernel shows as %s is %s', async (shown, actual) => {
  const host = settingsHost();
  host.shown.set(path, `${shown}\n`);
  expect(await apply(host, [setting])).toMatchObject([{ wanted: '3', actual }]);
});
