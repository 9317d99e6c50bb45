import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Probes } from '../../../src/instruments/path/artifacts.js';
import { hostTicks, timelineOf } from '../../../src/instruments/path/timeline.js';
import type { KernelTicks, ProbeDump } from '../../../src/traces/probe-dump.js';
import { asNs, type GuestTicks, type HostTicks } from '../../../src/traces/time.js';

const probes: Probes = {
  schema: 'evenkeel.probes/1',
  points: [
    { number: 1, name: 'switch', kernel: 'host' },
    { number: 36, name: 'guest switch', kernel: 'guest' },
  ],
  guestClock: { offset: -1000n, scaling: null },
};
const threads = [{ tid: 42, pid: 40, comm: 'CPU 1/KVM', class: 'RT vCPU', runNs: asNs(0n) }];
const dump = <Ticks extends KernelTicks>(
  ...records: { tsc: bigint; number: number; pid: number; value: number }[]
): ProbeDump<Ticks> => ({
  tscKhz: 1_000_000,
  dropped: 0n,
  records: records.map((one) => ({ ...one, tsc: one.tsc as Ticks, cpu: 0 })),
});

test('the records of both kernels are in the order of the host’s clock', () => {
  const host = dump<HostTicks>(
    { tsc: 3000n, number: 1, pid: 42, value: 7 },
    { tsc: 1000n, number: 1, pid: 7, value: 42 },
  );
  const guest = dump<GuestTicks>({ tsc: 900n, number: 36, pid: 42, value: 1 });
  const ofHost = { kernel: 'host', cpu: 0, point: 'switch' };
  expect(timelineOf(probes, threads, host, guest)).toEqual([
    { ...ofHost, ticks: 1000n, pid: 7, value: 42, current: undefined, thread: 'RT vCPU' },
    // A thread of the guest is none of the host's, whatever its number.
    {
      ...{ kernel: 'guest', cpu: 0, point: 'guest switch', ticks: 1900n, pid: 42, value: 1 },
      ...{ current: undefined, thread: undefined },
    },
    { ...ofHost, ticks: 3000n, pid: 42, value: 7, current: 'RT vCPU', thread: undefined },
  ]);
});

test('a record of a point that the kernel does not have is an error', () => {
  const record = { tsc: 1n, number: 36, pid: 1, value: 1 };
  expect(() => timelineOf(probes, threads, dump(record), undefined)).toThrow(
    'the host has recorded point 36',
  );
});

test('the guest’s clock leads back to the host’s, whatever the offset', () => {
  const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const offset = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(u64, offset, (host, by) => {
      const guest = BigInt.asUintN(64, host + by) as GuestTicks;
      expect(hostTicks(guest, { offset: by, scaling: null })).toBe(host);
    }),
  );
});

test('a guest’s clock that is scaled is so by the tick', () => {
  const moment = fc.bigInt({ min: 0n, max: 2n ** 50n });
  const ratio = fc.bigInt({ min: 2n ** 31n, max: 2n ** 34n });
  fc.assert(
    fc.property(moment, ratio, (host, by) => {
      const guest = BigInt.asUintN(64, ((host * by) >> 32n) - 500n) as GuestTicks;
      const back = hostTicks(guest, { offset: -500n, scaling: { ratio: by, fractionBits: 32 } });
      expect(host - back).toBeGreaterThanOrEqual(0n);
      // A tick of the guest may be two of the host.
      expect(host - back).toBeLessThanOrEqual(2n);
    }),
  );
});
