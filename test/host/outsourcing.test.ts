import { expect, test } from 'vitest';
import { attachedVms, attachVm, detachVm, parseAttachedVms } from '../../src/host/outsourcing.js';
import { FakeHost } from './fake-host.js';

const head =
  'pid state netns sockets max_sockets calls refused bytes_sent bytes_received events overflows wakes\n';

test('reads the table of attached VMs', async () => {
  const text = `${head}812 running 4026532281 3 4096 120 1 64000 18446744073709551615 40 0 39\n9 waiting 4026531833 0 16 0 0 0 0 0 0 0\n`;
  const host = new FakeHost([], { '/proc/ek_host': text });
  expect(await attachedVms(host)).toEqual([
    {
      pid: 812,
      state: 'running',
      netns: 4026532281,
      sockets: 3,
      maxSockets: 4096,
      calls: 120n,
      refused: 1n,
      bytesSent: 64000n,
      bytesReceived: 18446744073709551615n,
      events: 40n,
      overflows: 0n,
      wakes: 39n,
    },
    expect.objectContaining({ pid: 9, state: 'waiting', maxSockets: 16 }),
  ]);
  expect(parseAttachedVms(head)).toEqual([]);
});

test.each([
  ['', ''],
  ['another table', 'pid sockets\n'],
  ['a line with a column too few', `${head}812 running 1 3 4096 120 1 64000 1 40 0\n`],
  ['an unknown state', `${head}812 sleeping 1 3 4096 120 1 64000 1 40 0 1\n`],
])('refuses %s', (_, text) => {
  expect(() => parseAttachedVms(text)).toThrow('/proc/ek_host: expected a table of attached VMs');
});

test('attaches in the namespace that is asked for, and detaches', async () => {
  const host = new FakeHost([], { '/proc/ek_host': head });
  await attachVm(host, { pid: 812, netns: '/run/netns/rt0', maxSockets: 16 });
  await attachVm(host, { pid: 813, maxSockets: 32 });
  await detachVm(host, 812);
  expect(host.told).toEqual([
    '/proc/ek_host = attach 812 16 in /run/netns/rt0',
    '/proc/ek_host = attach 813 32',
    '/proc/ek_host = detach 812',
  ]);
});
