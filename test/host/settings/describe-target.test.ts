import { expect, test } from 'vitest';
import type { Target } from '../../../src/host/settings/applied.js';
import { describeTarget } from '../../../src/host/settings/describe-target.js';

test.each<[Target, string]>([
  [
    { type: 'thread', class: 'RT vCPU', pid: 100, tid: 101, comm: 'CPU 0/KVM' },
    'RT vCPU: thread 101 (CPU 0/KVM)',
  ],
  [{ type: 'interrupt', number: 24 }, 'interrupt 24'],
  [{ type: 'file', path: '/proc/sys/vm/swappiness' }, '/proc/sys/vm/swappiness'],
  [{ type: 'vm', pid: 100 }, 'VM 100'],
  [{ type: 'vm', pid: 100, name: 'rt0' }, 'VM rt0 (100)'],
  [{ type: 'nic', name: 'eth1' }, 'NIC eth1'],
  [{ type: 'kernel-module', name: 'ek_host' }, 'kernel module ek_host'],
  [{ type: 'text', text: 'sockets of VM 100' }, 'sockets of VM 100'],
])('%j is "%s"', (target, text) => {
  expect(describeTarget(target)).toBe(text);
});
