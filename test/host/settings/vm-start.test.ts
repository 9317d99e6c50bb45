import { expect, test } from 'vitest';
import { startOfVm } from '../../../src/host/settings/apply.js';
import type { Setting } from '../../../src/host/settings/registry.js';
import { apply, lines, settingsHost, why } from './settings-host.js';

const busyPolling: Setting = { kind: 'vhost-busy-polling', us: 100, why };
const isolation: Setting = { kind: 'guest-cpu-isolation', vms: 'rt', why };
const isolated = 'isolcpus=managed_irq,domain,1 nohz_full=1 irqaffinity=0';

test('a VM starts with what settings add, each kind to its part', () => {
  const start = (network: 'rt' | 'heavy', isolatedVcpus: readonly number[]) =>
    startOfVm([busyPolling, isolation], { network, isolatedVcpus });
  const netdevOptions = ['poll-us=100'];
  expect(start('rt', [1])).toEqual({ netdevOptions, kernelArguments: isolated.split(' ') });
  expect(start('rt', [1, 2, 3]).kernelArguments[1]).toBe('nohz_full=1-3');
  expect(start('rt', [])).toEqual({ netdevOptions, kernelArguments: [] });
  expect(start('heavy', [1])).toEqual({ netdevOptions, kernelArguments: [] });
  expect(startOfVm([], { network: 'rt', isolatedVcpus: [1] })).toEqual({
    ...{ netdevOptions: [], kernelArguments: [] },
  });
});

test('busy polling is only read, from how each VM was started', async () => {
  const host = settingsHost();
  expect(lines(await apply(host, [busyPolling]))).toEqual([
    'VM 100: null > 100 us',
    'VM db (200): null > 100 us, is 0 us',
  ]);
  expect(host.told).toEqual([]);
});

test("the arguments of an RT VM's kernel are only read", async () => {
  const host = settingsHost();
  expect(lines(await apply(host, [isolation]))).toEqual([`VM 100: null > ${isolated}`]);
  host.files.set('/proc/100/cmdline', 'qemu\0-append\0quiet nohz_full=1\0');
  expect(lines(await apply(host, [isolation]))).toEqual([
    `VM 100: null > ${isolated}, is nohz_full=1`,
  ]);
  host.files.set('/proc/100/cmdline', 'qemu\0-drive\0disk\0');
  expect((await apply(host, [isolation]))[0]?.actual).toMatch(/^unknown/);
  expect(host.told).toEqual([]);
});

test('a VM that has ended is left out', async () => {
  const host = settingsHost();
  host.files.delete('/proc/200/cmdline');
  expect(await apply(host, [busyPolling])).toHaveLength(1);
});
