import type { CapturedFrame } from '../../traces/pcap.js';
import { parseUdp } from '../../traces/udp.js';

/** UDP port of the Critical RT server; it and the format of the payload are in lab/workloads/workload.h. */
const rtServerPort = 7000;
/** First four bytes of a request and of its response: 'EKRQ'; a u32 sequence number follows. */
const requestMagic = 0x454b5251;
/** Requests with this number warm caches and ARP tables up; they are no samples. */
const warmUpSequence = 0xffff_ffff;

export interface ResponseSample {
  readonly sequence: number;
  /** When the request passed the wire. */
  readonly requestNs: bigint;
  /** From the request at the wire to its response at the wire. */
  readonly responseTimeNs: bigint;
}

export interface ResponseTimes {
  /** In the order of the requests. */
  readonly samples: readonly ResponseSample[];
  /** Requests without a response. */
  readonly lost: number;
}

interface Exchange {
  readonly sequence: number;
  readonly requestNs: bigint;
  responseNs?: bigint;
}

/**
 * Matches the responses in a capture to their requests, by client address, client port and
 * sequence number. A repeated request or response is ignored: the first of each counts. A response
 * whose request was not captured is ignored too.
 */
export function matchResponses(frames: Iterable<CapturedFrame>): ResponseTimes {
  // A Map keeps the order of insertion, which is the order of the requests.
  const exchanges = new Map<string, Exchange>();
  for (const { timestampNs, frame } of frames) {
    const datagram = parseUdp(frame);
    if (!datagram) continue;
    const sequence = requestSequence(datagram.payload);
    if (sequence === undefined || sequence === warmUpSequence) continue;

    if (datagram.destinationPort === rtServerPort) {
      const key = `${datagram.sourceAddress}:${datagram.sourcePort} ${sequence}`;
      if (!exchanges.has(key)) exchanges.set(key, { sequence, requestNs: timestampNs });
    } else if (datagram.sourcePort === rtServerPort) {
      const key = `${datagram.destinationAddress}:${datagram.destinationPort} ${sequence}`;
      const exchange = exchanges.get(key);
      if (exchange) exchange.responseNs ??= timestampNs;
    }
  }
  return toResponseTimes(exchanges.values());
}

function toResponseTimes(exchanges: Iterable<Exchange>): ResponseTimes {
  const samples: ResponseSample[] = [];
  let lost = 0;
  for (const { sequence, requestNs, responseNs } of exchanges) {
    if (responseNs === undefined) lost += 1;
    else samples.push({ sequence, requestNs, responseTimeNs: responseNs - requestNs });
  }
  return { samples, lost };
}

function requestSequence(payload: Uint8Array): number | undefined {
  if (payload.byteLength < 8) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return view.getUint32(0) === requestMagic ? view.getUint32(4) : undefined;
}
