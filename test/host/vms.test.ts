import { expect, test } from 'vitest';
import { findVm, runningVms } from '../../src/host/vms.js';
import { FakeHost } from './fake-host.js';

function process(pid: number, comm: string, ...commandLine: string[]): Record<string, string> {
  return {
    [`/proc/${pid}/comm`]: `${comm}\n`,
    [`/proc/${pid}/cmdline`]: commandLine.map((word) => `${word}\0`).join(''),
  };
}

const host = new FakeHost([], {
  '/proc/uptime': '1 1\n',
  ...process(300, 'qemu-system-x86', 'qemu-system-x86_64', '-name', 'guest=db,debug-threads=on'),
  ...process(200, 'qemu-system-x86', '/usr/bin/qemu-system-x86_64', '-m', '128'),
  ...process(400, 'qemu-kvm', 'qemu-kvm', '-name', 'a,,b,process=x', '-m', '1G'),
  ...process(500, 'qemu-kvm', 'qemu-kvm', '-name', 'twin'),
  ...process(600, 'qemu-kvm', 'qemu-kvm', '-name', 'twin,debug-threads=on'),
  ...process(700, 'qemu-img', 'qemu-img', 'create', '-name', 'x'),
  ...process(800, 'bash', 'bash', '-name', 'db'),
});

test('QEMU processes are VMs, with the name that they were given', async () => {
  expect(await runningVms(host)).toEqual([
    { pid: 200, name: undefined },
    { pid: 300, name: 'db' },
    { pid: 400, name: 'a,b' },
    { pid: 500, name: 'twin' },
    { pid: 600, name: 'twin' },
  ]);
});

test('a VM is found by its name and by its process id', async () => {
  expect(await findVm(host, 'db')).toEqual({ pid: 300, name: 'db' });
  expect(await findVm(host, '200')).toEqual({ pid: 200, name: undefined });
  expect(await findVm(host, '600')).toEqual({ pid: 600, name: 'twin' });
});

test('a VM that is not there is answered with those that are', async () => {
  await expect(findVm(host, '700')).rejects.toMatchObject({
    message: 'no VM "700" runs here',
    hints: ['The VMs are: 200, db (300), a,b (400), twin (500), twin (600).'],
  });
  await expect(findVm(host, 'twin')).rejects.toThrow('several VMs are called "twin"');
  await expect(findVm(new FakeHost(), 'db')).rejects.toMatchObject({
    hints: ['No QEMU process runs on this host.'],
  });
});
