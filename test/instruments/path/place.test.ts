import { expect, test } from 'vitest';
import { chainOf } from '../../../src/instruments/path/chain.js';
import { guestServers, placesOf } from '../../../src/instruments/path/place.js';
import { type PathKind, pointsOf } from '../../../src/instruments/path/points.js';
import type { PathEvent } from '../../../src/instruments/path/timeline.js';
import { asHostTicks } from '../../../src/traces/time.js';

const server = 7;

/** A request that was recorded at each mark, by threads of these classes and numbers. */
function recorded(path: PathKind, threaded: boolean): PathEvent[] {
  const kernels = new Map<string, 'host' | 'guest'>(
    pointsOf(path).map(({ name, kernel }) => [name, kernel]),
  );
  const inGuestsServer = /pins|calls|send call|guest NIC sends/;
  return chainOf(path, threaded).map(({ point, records }, index) => {
    const kernel = kernels.get(point) ?? 'host';
    const isOfGuest = kernel === 'guest';
    return {
      ...{ ticks: asHostTicks(BigInt(index)), point, kernel, cpu: 0 },
      value: point === 'guest switch' ? server : 0,
      pid: isOfGuest && !inGuestsServer.test(point) ? 0 : server,
      current: isOfGuest ? undefined : 'current',
      thread: records === 'request' ? 'no thread' : records,
    };
  });
}

function places(path: PathKind, threaded = true): (string | undefined)[] {
  const chain = chainOf(path, threaded);
  const marks = recorded(path, threaded);
  const all = placesOf(chain, marks, guestServers(marks));
  return all.map((place) => place && `${place.kernel}: ${place.name}`);
}

test('the steps of a request to a process of the host', () => {
  expect(places('process')).toEqual([
    'host: wire, NIC',
    'host: interrupts',
    'host: RT interrupt thread',
    'host: current',
    'host: current',
    'host: RT server',
    'host: RT server',
    ...Array(3).fill('host: current'),
  ]);
});

test('the steps in a guest are on its threads, from the VM entry on', () => {
  const inGuest = places('virtio').filter((place) => place?.startsWith('guest'));
  expect(inGuest).toEqual([
    'guest: idle process',
    'guest: interrupts',
    ...Array(3).fill('guest: idle process'),
    ...Array(3).fill('guest: server'),
  ]);
});

test('a thread that is none of those known is told from the idle process', () => {
  const [interrupt, driver] = recorded('process', false);
  if (interrupt === undefined || driver === undefined) throw new Error('no records');
  const chain = chainOf('process', false).slice(0, 2);
  const nameOf = (pid: number) =>
    placesOf(chain, [interrupt, { ...driver, pid, current: undefined }], new Set())[2]?.name;
  expect([nameOf(0), nameOf(9)]).toEqual(['idle process', 'other']);
});

test('steps that were passed over have no place, but for the one that their time is counted to', () => {
  const marks = recorded('process', true).map((mark, index) => (index < 2 ? undefined : mark));
  const names = placesOf(chainOf('process', true), marks, new Set()).map((place) => place?.name);
  expect(names.slice(0, 4)).toEqual(['wire, NIC', undefined, 'current', 'current']);
});
