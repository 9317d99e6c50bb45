import { expect, test } from 'vitest';
import { defaultWorkload, plannedWorkload } from '../../src/workloads/registry.js';

test('a workload of a spec has its options', () => {
  const { server, client, longestMs, requests } = plannedWorkload(defaultWorkload);
  expect([server(), requests, longestMs]).toEqual([['rt-server'], 1000, 10_000]);
  expect(client('10.0.0.2', 5)).toEqual(
    ['rt-client', '10.0.0.2', 1000, 5, 1000, 10_000, 64].map(String),
  );
});

test('an unknown one is refused with those that there are', () => {
  expect(() => plannedWorkload({ name: 'sip-ng' })).toThrow(
    expect.objectContaining({
      message: 'unknown workload "sip-ng"',
      hints: [expect.stringContaining('udp-echo')],
    }),
  );
});

test('options that are not as its schema says are named', () => {
  expect(() => plannedWorkload({ ...defaultWorkload, requests: 0 })).toThrow(
    'workload udp-echo: requests: ',
  );
  expect(() => plannedWorkload({ ...defaultWorkload, more: 1 })).toThrow(
    'Unrecognized key: "more"',
  );
});
