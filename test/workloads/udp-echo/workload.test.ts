import { describe, expect, test } from 'vitest';
import {
  defaultUdpEchoOptions,
  paperRequests,
  udpEcho,
  udpEchoOptionsSchema,
} from '../../../src/workloads/udp-echo/workload.js';

const options = { requests: 10, minIntervalUs: 100, maxIntervalUs: 1500, requestBytes: 64 };

describe('requests', () => {
  test("take the paper's 30 s on average", () => {
    const intervals = { ...defaultUdpEchoOptions, minIntervalUs: 1000, maxIntervalUs: 10_000 };
    expect(paperRequests(intervals)).toBe(5455);
    expect(paperRequests({ ...intervals, maxIntervalUs: 1000 })).toBe(30_000);
  });

  test('are by default enough for ten samples above the 99th percentile', () => {
    expect(defaultUdpEchoOptions.requests * 0.01).toBeGreaterThanOrEqual(10);
  });

  test.each([0, 1.5, 1_000_001])('are not %d', (requests) => {
    expect(udpEchoOptionsSchema.safeParse({ ...options, requests }).success).toBe(false);
  });
});

describe('the programs', () => {
  test('the server answers at all addresses, or at one', () => {
    expect(udpEcho.server(options)).toEqual(['rt-server']);
    expect(udpEcho.server(options, '10.0.0.2')).toEqual(['rt-server', '10.0.0.2']);
  });

  test('the client is told all that it has to do', () => {
    expect(udpEcho.client(options, '10.0.0.2', 7)).toEqual([
      ...['rt-client', '10.0.0.2', '10', '7', '100', '1500', '64'],
    ]);
    expect(udpEcho.longestMs(options)).toBe(15);
    expect(udpEcho.requests(options)).toBe(10);
  });
});
