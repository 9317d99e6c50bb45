import { expect, test } from 'vitest';
import {
  attachedVms,
  attachVm,
  detachVm,
  isOutsourcingLoaded,
  parseAttachedVms,
} from '../../src/host/outsourcing.js';
import type { EvenkeelError } from '../../src/process/errors.js';
import { FakeHost, failure } from './fake-host.js';

const head =
  'pid state netns notification sockets max_sockets calls errors refused sent received bytes_sent bytes_received events overflows wakes undelivered throttled with_event\n';

test('reads the table of attached VMs', async () => {
  const text = `${head}812 running 4026532281 idle 3 4096 120 2 1 40 41 64000 18446744073709551615 40 0 39 5 7 30\n9 waiting 4026531833 interrupt 0 16 0 0 0 0 0 0 0 0 0 0 0 0 0\n`;
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
      throttled: 7n,
      withEvent: 30n,
    },
    expect.objectContaining({ pid: 9, state: 'waiting', notification: 'interrupt' }),
  ]);
  expect(parseAttachedVms(head)).toEqual([]);
});

test.each([
  ['', ''],
  ['another table', 'pid sockets\n'],
  [
    'a line with a column too few',
    `${head}812 running 1 idle 3 4096 120 2 1 40 41 1 1 40 0 39 5 0\n`,
  ],
  ['an unknown state', `${head}812 sleeping 1 idle 3 4096 120 2 1 40 41 1 1 40 0 39 5 0 0\n`],
  [
    'an unknown notification',
    `${head}812 running 1 pigeon 3 4096 120 2 1 40 41 1 1 40 0 39 5 0 0\n`,
  ],
])('refuses %s', (_, text) => {
  expect(() => parseAttachedVms(text)).toThrow('/proc/ek_host: expected a table of attached VMs');
});

test('attaches in the namespace that is asked for, and detaches', async () => {
  const host = new FakeHost([], { '/proc/ek_host': head });
  await attachVm(host, { pid: 812, netns: '/run/netns/rt0', maxSockets: 16, notification: 'idle' });
  await attachVm(host, {
    ...{ pid: 813, maxSockets: 32, notification: 'interrupt' },
    ...{ initialNetns: true, sharedNetns: true },
  });
  await detachVm(host, 812);
  expect(host.told).toEqual([
    '/dev/ek_host = attach pid=812 sockets=16 notification=idle keep netns=</run/netns/rt0>',
    '/dev/ek_host = attach pid=813 sockets=32 notification=interrupt keep initial-netns shared-netns',
    '/dev/ek_host = detach pid=812',
  ]);
});

const attachment = { pid: 812, maxSockets: 16, notification: 'idle' } as const;

test.each<[string, (host: FakeHost) => Promise<unknown>]>([
  ['the table', (host) => attachedVms(host)],
  ['attach', (host) => attachVm(host, attachment)],
  ['attach in a namespace', (host) => attachVm(host, { ...attachment, netns: '/run/netns/rt0' })],
  ['detach', (host) => detachVm(host, 812)],
])('without the module: says that it is not loaded, and what to do: %s', async (_, work) => {
  const host = new FakeHost([], { '/proc/modules': '' });
  expect(await isOutsourcingLoaded(host)).toBe(false);
  await expect(work(host)).rejects.toMatchObject({
    name: 'EvenkeelError',
    message: 'the kernel module ek_host is not loaded, so no VM is attached',
    hints: [expect.stringContaining('evenkeel vm attach'), expect.stringContaining('modprobe')],
  });
});

/** A host whose module refuses every command. */
class RefusingHost extends FakeHost {
  override async writeFile(path: string, value: string): Promise<void> {
    throw failure(`cannot write "${value}" to ${path}`, 'ESRCH');
  }
}

test.each([
  ['EADDRNOTAVAIL', "the host's own network namespace", '--initial-netns'],
  ['EADDRINUSE', 'another attached VM has its sockets', '--shared-netns'],
])(
  'a namespace that is not for the VM alone has to be asked for: %s',
  async (code, why, option) => {
    const host = new FakeHost([], { '/proc/ek_host': head });
    host.writeFile = async () => {
      throw failure('cannot write', code);
    };
    await expect(attachVm(host, attachment)).rejects.toMatchObject({
      name: 'EvenkeelError',
      message: expect.stringContaining(why),
      hints: [expect.stringContaining(option)],
    });
  },
);

test('says that a VM is not attached that is to be detached', async () => {
  const host = new RefusingHost([], { '/proc/ek_host': head });
  await expect(detachVm(host, 812)).rejects.toMatchObject({
    message: 'the VM of process 812 is not attached',
    hints: [expect.stringContaining('evenkeel vm list')],
  });
});

test('a refusal that has another reason is passed on', async () => {
  const table = `${head}812 running 1 idle 3 4096 120 2 1 40 41 1 1 40 0 39 5 0 0\n`;
  const host = new RefusingHost([], { '/proc/ek_host': table });
  await expect(detachVm(host, 812)).rejects.toThrow('cannot write "detach pid=812"');
});

test('a user who may not read the table is told who may', async () => {
  const host = new FakeHost([], { '/proc/ek_host': head });
  host.readFile = async (path) => {
    throw failure(`cannot read ${path}`, 'EACCES');
  };
  const error = (await attachedVms(host).catch((reason) => reason)) as EvenkeelError;
  expect(error.message).toBe('cannot read /proc/ek_host');
  expect(error.hints).toEqual([expect.stringContaining('root')]);
});
