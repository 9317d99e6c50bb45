import fc from 'fast-check';
import { expect, test } from 'vitest';
import { probeCost } from '../../../src/instruments/path/cost.js';
import { asNs, asWireNs } from '../../../src/traces/time.js';

const run = (responses: Readonly<Record<number, number>>) => ({
  samples: Object.entries(responses).map(([sequence, ns]) => ({
    server: '10.0.0.2',
    sequence: Number(sequence),
    requestNs: asWireNs(0n),
    responseTimeNs: asNs(BigInt(ns)),
  })),
});
const probed = (responses: Readonly<Record<number, number>>) => ({
  ...run(responses),
  points: 4,
  recordsPerRequest: 5,
});

test('the cost is that of the requests that were answered in both runs', () => {
  const cost = probeCost([
    {
      without: run({ 0: 100_000, 1: 200_000, 2: 1 }),
      with: probed({ 0: 110_000, 1: 212_000, 3: 9 }),
    },
  ]);
  expect(cost).toMatchObject({ points: 4, n: 2, recordsPerRequest: 5 });
  expect(cost.addedPerRequest.mean).toBe(11);
  expect(cost.addedPerRecord.mean).toBe(2.2);
});

test('what adds the same to each request has no spread', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(1e9), { minLength: 1, maxLength: 50 }),
      fc.nat(1e6),
      (responses, added) => {
        const more = responses.map((ns) => ns + added);
        const pair = { without: run({ ...responses }), with: probed({ ...more }) };
        const { mean, ci95 } = probeCost([pair, pair]).addedPerRequest;
        expect(mean).toBeCloseTo(added / 1000, 3);
        expect(ci95[0]).toBeCloseTo(mean, 3);
        expect(ci95[1]).toBeCloseTo(mean, 3);
      },
    ),
  );
});

test('runs without a request in common cost nothing that could be said', () => {
  expect(() => probeCost([{ without: run({ 0: 1 }), with: probed({ 1: 1 }) }])).toThrow(
    'no request was answered both with and without probes',
  );
});
