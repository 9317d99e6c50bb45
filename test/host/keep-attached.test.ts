import { expect, test } from 'vitest';
import { attachMissing } from '../../src/host/keep-attached.js';
import { FakeHost } from './fake-host.js';

const head =
  'pid state netns notification sockets max_sockets calls errors refused sent received bytes_sent bytes_received events overflows wakes undelivered throttled with_event\n';
const attachment = { netns: '/run/netns/db', maxSockets: 8, notification: 'idle' } as const;

function vm(pid: number, name: string): Record<string, string> {
  return {
    [`/proc/${pid}/comm`]: 'qemu-system-x86\n',
    [`/proc/${pid}/cmdline`]: ['qemu-system-x86_64', '-name', name, ''].join('\0'),
  };
}

test('attaches the VMs of a name that are not attached', async () => {
  const host = new FakeHost([], {
    '/proc/ek_host': `${head}300 running 1 idle 0 8 0 0 0 0 0 0 0 0 0 0 0 0 0\n`,
    ...vm(300, 'db'),
    ...vm(301, 'db'),
    ...vm(302, 'web'),
  });
  expect(await attachMissing(host, 'absent', attachment)).toEqual([]);
  expect(await attachMissing(host, 'db', attachment)).toEqual([301]);
  expect(host.told).toEqual([
    '/dev/ek_host = attach pid=301 sockets=8 notification=idle keep netns=</run/netns/db>',
  ]);
});

test('a VM that ends before it is attached is none; another failure is one', async () => {
  const host = new FakeHost([], { '/proc/ek_host': head, ...vm(300, 'db') });
  const write = host.writeFile.bind(host);
  host.writeFile = async (path, ...rest) => {
    if (path !== '/dev/ek_host') return write(path, ...rest);
    for (const file of [...host.files.keys()])
      if (file.startsWith('/proc/300/')) host.files.delete(file);
    throw new Error('ESRCH');
  };
  expect(await attachMissing(host, 'db', attachment)).toEqual([]);

  const refusing = new FakeHost([], { '/proc/ek_host': head, ...vm(300, 'db') });
  refusing.writeFile = async () => {
    throw new Error('EPERM');
  };
  await expect(attachMissing(refusing, 'db', attachment)).rejects.toThrow('EPERM');
});
