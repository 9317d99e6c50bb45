import { describe, expect, test } from 'vitest';
import { asWireNs } from '../../../src/traces/time.js';
import { matchResponses } from '../../../src/workloads/udp-echo/responses.js';
import { requestFrame, responseFrame } from './rt-exchange.js';

describe('matchResponses', () => {
  test('orders samples by request, whichever response comes first', () => {
    const frames = [
      requestFrame(1000n, 0),
      requestFrame(2000n, 1),
      responseFrame(3000n, 1),
      responseFrame(5000n, 0),
    ];
    expect(matchResponses(frames)).toEqual({
      samples: [
        { server: '10.0.0.1', sequence: 0, requestNs: 1000n, responseTimeNs: 4000n },
        { server: '10.0.0.1', sequence: 1, requestNs: 2000n, responseTimeNs: 1000n },
      ],
      lost: 0,
    });
  });

  test('counts a request without a response as lost', () => {
    const frames = [requestFrame(1n, 0), requestFrame(2n, 1), responseFrame(3n, 0)];
    expect(matchResponses(frames)).toMatchObject({ samples: [{ sequence: 0 }], lost: 1 });
  });

  test('takes the first request and the first response of a sequence number', () => {
    const frames = [
      requestFrame(10n, 0),
      requestFrame(20n, 0),
      responseFrame(30n, 0),
      responseFrame(40n, 0),
    ];
    expect(matchResponses(frames)).toEqual({
      samples: [{ server: '10.0.0.1', sequence: 0, requestNs: 10n, responseTimeNs: 20n }],
      lost: 0,
    });
  });

  test('keeps clients apart by their port', () => {
    const frames = [
      requestFrame(10n, 0, 40_000),
      requestFrame(20n, 0, 40_001),
      responseFrame(50n, 0, 40_001),
      responseFrame(90n, 0, 40_000),
    ];
    const { samples } = matchResponses(frames);
    expect(samples.map(({ responseTimeNs }) => responseTimeNs)).toEqual([80n, 30n]);
  });

  test('ignores warm-up requests, foreign frames and responses without a request', () => {
    const foreign = requestFrame(5n, 3);
    foreign.frame.set([0, 0, 0, 0], 14 + 20 + 8);
    const frames = [
      requestFrame(1n, 0xffff_ffff),
      responseFrame(2n, 0xffff_ffff),
      responseFrame(3n, 7),
      { timestampNs: asWireNs(4n), frame: new Uint8Array(60) },
      foreign,
    ];
    expect(matchResponses(frames)).toEqual({ samples: [], lost: 0 });
  });
});
