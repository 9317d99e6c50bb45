import { expect, test } from 'vitest';
import type { Setting } from '../../../src/host/settings/registry.js';
import { apply, layout, lines, settingsHost, why } from './settings-host.js';

const setting: Setting = { kind: 'threaded-napi', nics: 'rt', why };
const path = '/sys/class/net/eth1/threaded';

test('is switched on for the RT NIC', async () => {
  const host = settingsHost();
  expect(lines(await apply(host, [setting]))).toEqual(['NIC eth1: disabled > enabled']);
  expect(host.told).toEqual([`${path} = 1`]);
});

test('that did not take effect shows', async () => {
  const host = settingsHost();
  host.shown.set(path, '0\n');
  expect(await apply(host, [setting])).toMatchObject([{ wanted: 'enabled', actual: 'disabled' }]);
});

test('fails for a NIC that does not exist', async () => {
  const missing = { ...layout, rtNics: ['eth7'] };
  await expect(apply(settingsHost(), [setting], { layout: missing })).rejects.toThrow(
    'cannot read /sys/class/net/eth7/threaded',
  );
});
