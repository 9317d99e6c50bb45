import { expect, test } from 'vitest';
import type { Setting } from '../../../src/host/settings/registry.js';
import { apply, lines, settingsHost, why } from './settings-host.js';

const rtNic: Setting = { kind: 'interrupt-affinity', interrupts: 'rt-nic', cpus: 'last', why };
const others: Setting = { kind: 'interrupt-affinity', interrupts: 'others', cpus: 'not-last', why };

test('of the RT NIC is the RT CPU', async () => {
  const host = settingsHost();
  expect(lines(await apply(host, [rtNic]))).toEqual(['interrupt 30: 0-2 > 2']);
  expect(host.told).toEqual(['/proc/irq/30/smp_affinity_list = 2']);
});

test('of the others is set if they have a handler and may interrupt the host', async () => {
  const host = settingsHost();
  expect(lines(await apply(host, [others]))).toEqual(['interrupt 40: 0-3 > 0-1']);
  expect(host.told).toEqual(['/proc/irq/40/smp_affinity_list = 0-1']);
});

test('that did not take effect shows', async () => {
  const host = settingsHost();
  host.shown.set('/proc/irq/30/smp_affinity_list', '0-2\n');
  expect(await apply(host, [rtNic])).toMatchObject([{ wanted: '2', actual: '0-2' }]);
});
