import { z } from 'zod';
import type { Workload } from '../workload.js';
import { macros } from './messages.js';
import { matchResponses } from './responses.js';

const count = z.int().nonnegative();

export const udpEchoOptionsSchema = z.strictObject({
  /** Requests to each Critical RT server. */
  requests: z.int().min(1).max(1_000_000),
  /** Bounds of the time between two requests, which is uniformly distributed. */
  minIntervalUs: count,
  maxIntervalUs: count,
  /** Bytes of UDP payload in a request and in its response. */
  requestBytes: count,
});
export type UdpEchoOptions = Readonly<z.infer<typeof udpEchoOptionsSchema>>;

/**
 * The paper's intervals between requests (section IV-A). 1000 requests are the fewest that leave ten samples
 * above the 99th percentile.
 */
export const defaultUdpEchoOptions: UdpEchoOptions = {
  requests: 1000,
  minIntervalUs: 1000,
  maxIntervalUs: 10_000,
  requestBytes: 64,
};

/** The paper ran each method for 30 s (section IV-B). */
const paperDurationUs = 30_000_000;

/** As many requests as take the paper's 30 s on average. */
export function paperRequests({ minIntervalUs, maxIntervalUs }: UdpEchoOptions): number {
  return Math.round(paperDurationUs / ((minIntervalUs + maxIntervalUs) / 2));
}

/** Requests of one size over UDP, echoed: the counterpart of netperf's UDP_RR in the paper's section IV-A. */
export const udpEcho: Workload<UdpEchoOptions> = {
  name: 'udp-echo',
  options: udpEchoOptionsSchema,
  macros,
  server: (_options, address) => ['rt-server', ...(address === undefined ? [] : [address])],
  client: ({ requests, minIntervalUs, maxIntervalUs, requestBytes }, address, seed) => [
    'rt-client',
    address,
    ...[requests, seed, minIntervalUs, maxIntervalUs, requestBytes].map(String),
  ],
  longestMs: ({ requests, maxIntervalUs }) => Math.ceil((requests * maxIntervalUs) / 1000),
  requests: ({ requests }) => requests,
  match: matchResponses,
};
