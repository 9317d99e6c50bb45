import { expect, test } from 'vitest';
import { undoBeforeShutdown, undoSettings } from '../../../src/host/settings/apply.js';
import type { Setting } from '../../../src/host/settings/registry.js';
import { apply, lines, settingsHost, why } from './settings-host.js';

const setting: Setting = { kind: 'napi-busy-polling', nics: 'rt', why };

test('is the mode of each NAPI instance of the RT NIC', async () => {
  const host = settingsHost();
  expect(lines(await apply(host, [setting]))).toEqual(['NIC eth1: disabled > busy-poll']);
  expect(host.told.filter((line) => line.endsWith('busy-poll'))).toEqual([
    'napi-mode eth1 8193 busy-poll',
    'napi-mode eth1 8194 busy-poll',
  ]);
});

test('gives each instance back the mode that it had', async () => {
  const host = settingsHost();
  host.files.set('napi eth1 8194', 'enabled');
  const before = host.state();
  const applied = await apply(host, [setting]);
  expect(lines(applied)).toEqual(['NIC eth1: disabled, enabled > busy-poll']);
  await undoSettings(host, applied);
  expect(host.state()).toEqual(before);
});

test('is undone before a shutdown, which would hang; other settings stay', async () => {
  const host = settingsHost();
  const others: Setting[] = [{ kind: 'threaded-napi', nics: 'rt', why }];
  const applied = await apply(host, [...others, setting]);
  const undone = await undoBeforeShutdown(host, applied);
  expect(lines(undone)).toEqual(['NIC eth1: busy-poll > disabled']);
  expect(host.files.get('/sys/class/net/eth1/threaded')).toBe('1\n');
});

test('needs a kernel that has it', async () => {
  const host = settingsHost();
  host.files.set('napi eth1 8193', 'unknown');
  await expect(apply(host, [setting])).rejects.toThrow(
    'the kernel cannot busy-poll the NAPI instances of eth1',
  );
  host.programs.set('napi-mode', () => 'nonsense');
  await expect(apply(host, [setting])).rejects.toThrow(
    'napi-mode eth1: expected a NAPI instance, got "nonsense"',
  );
});
