import { expect, test } from 'vitest';
import { undoSettings } from '../../../src/host/settings/apply.js';
import type { Setting } from '../../../src/host/settings/registry.js';
import { apply, lines, settingsHost, why } from './settings-host.js';

const setting: Setting = { kind: 'kernel-module', module: 'ek_softirq', why };

test('is loaded, and read back from the list of modules', async () => {
  const host = settingsHost();
  expect(lines(await apply(host, [setting]))).toEqual([
    'kernel module ek_softirq: not loaded > Live',
  ]);
  expect(host.told).toEqual(['load ek_softirq']);
});

test('that is not there afterwards is not said to be', async () => {
  const host = settingsHost();
  host.shown.set('/proc/modules', 'ek_softirq_other 1 0 - Live 0x0\n');
  expect(await apply(host, [setting])).toMatchObject([{ wanted: 'Live', actual: 'not loaded' }]);
});

test('is unloaded only if it was not there before', async () => {
  const host = settingsHost();
  await undoSettings(host, await apply(host, [setting]));
  await undoSettings(host, await apply(host, [{ ...setting, module: 'kvm' }]));
  expect(host.told).toEqual(['load ek_softirq', 'unload ek_softirq', 'load kvm']);
});
