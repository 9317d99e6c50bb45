import { expect, test } from 'vitest';
import { attachedVms, attachVm, detachVm, parseAttachedVms } from '../../src/host/outsourcing.js';
import { FakeHost } from './fake-host.js';

const head =
  'pid state netns notification sockets max_sockets calls errors refused sent received bytes_sent bytes_received events overflows wakes undelivered\n';

test('reads the table of attached VMs', async () => {
  const text = `${head}812 running 4026532281 idle 3 4096 120 2 1 40 41 64000 18446744073709551615 40 0 39 5\n9 waiting 4026531833 interrupt 0 16 0 0 0 0 0 0 0 0 0 0 0\n`;
  const host = new FakeHost([], { '/proc/ek_host': text });
  expect(await attachedVms(host)).toEqual([
    {
      pid: 812,
      state: 'running',
      netns: 4026532281,
      notification: 'idle',
      sockets: 3,
      maxSockets: 4096,
      calls: 120n,
      errors: 2n,
      refused: 1n,
      sent: 40n,
      received: 41n,
      bytesSent: 64000n,
      bytesReceived: 18446744073709551615n,
      events: 40n,
      overflows: 0n,
      wakes: 39n,
      undelivered: 5n,
    },
    expect.objectContaining({ pid: 9, state: 'waiting', notification: 'interrupt' }),
  ]);
  expect(parseAttachedVms(head)).toEqual([]);
});

test.each([
  ['', ''],
  ['another table', 'pid sockets\n'],
  ['a line with a column too few', `${head}812 running 1 idle 3 4096 120 2 1 40 41 1 1 40 0 39\n`],
  ['an unknown state', `${head}812 sleeping 1 idle 3 4096 120 2 1 40 41 1 1 40 0 39 5\n`],
  ['an unknown notification', `${head}812 running 1 pigeon 3 4096 120 2 1 40 41 1 1 40 0 39 5\n`],
])('refuses %s', (_, text) => {
  expect(() => parseAttachedVms(text)).toThrow('/proc/ek_host: expected a table of attached VMs');
});

test('attaches in the namespace that is asked for, and detaches', async () => {
  const host = new FakeHost([], { '/proc/ek_host': head });
  await attachVm(host, { pid: 812, netns: '/run/netns/rt0', maxSockets: 16, notification: 'idle' });
  await attachVm(host, { pid: 813, maxSockets: 32, notification: 'interrupt' });
  await detachVm(host, 812);
  expect(host.told).toEqual([
    '/proc/ek_host = attach 812 16 idle in /run/netns/rt0',
    '/proc/ek_host = attach 813 32 interrupt',
    '/proc/ek_host = detach 812',
  ]);
});
