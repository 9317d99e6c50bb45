import { expect, test } from 'vitest';
import { undoSettings } from '../../../src/host/settings/apply.js';
import type { Setting } from '../../../src/host/settings/registry.js';
import { apply, attachedVmsHead, lines, settingsHost, why } from './settings-host.js';

const setting: Setting = {
  ...{ kind: 'socket-outsourcing', maxSockets: 16, notification: 'interrupt', why },
};
const wanted = 'running (notification: interrupt)';

test('attaches each VM in its network namespace', async () => {
  const host = settingsHost();
  const applied = await apply(host, [setting]);
  expect(host.told).toEqual([
    '/dev/ek_host = attach pid=100 sockets=16 notification=interrupt keep',
    '/dev/ek_host = attach pid=200 sockets=16 notification=interrupt keep netns=</run/netns/db>',
  ]);
  const waiting = 'waiting (notification: interrupt)';
  expect(lines(applied)).toEqual([
    `VM 100: not attached > ${wanted}, is ${waiting}`,
    `VM db (200): not attached > ${wanted}, is ${waiting}`,
  ]);
  await undoSettings(host, applied);
  expect(host.files.get('/proc/ek_host')).toBe(attachedVmsHead);
});

test('leaves a VM that is attached as it is, and attached', async () => {
  const host = settingsHost();
  const table = `${attachedVmsHead}100 running 1 idle 1 16${' 0'.repeat(13)}\n`;
  host.files.set('/proc/ek_host', table);
  const applied = await apply(host, [setting]);
  const idle = 'running (notification: idle)';
  expect(lines(applied)[0]).toBe(`VM 100: ${idle} > ${wanted}, is ${idle}`);
  await undoSettings(host, applied);
  expect(host.files.get('/proc/ek_host')).toBe(table);
});

test('a VM that ends before it is attached is no failure', async () => {
  const host = settingsHost();
  const write = host.writeFile.bind(host);
  host.writeFile = async (path, value, netns) => {
    if (!value.startsWith('attach pid=200')) return write(path, value, netns);
    for (const tid of [200, 201, 202]) host.end(tid);
    throw new Error('ESRCH');
  };
  const applied = await apply(host, [setting]);
  expect(applied.map(({ actual }) => actual)).toEqual([
    'waiting (notification: interrupt)',
    'not attached',
  ]);
});
