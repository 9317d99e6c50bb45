import type { CapturedFrame } from '../../traces/pcap.js';
import { nsBetween, type WireNs } from '../../traces/time.js';
import { parseUdp } from '../../traces/udp.js';
import type { ResponseSample, ResponseTimes } from '../workload.js';
import { magic, port, sequenceOffset, warmUpSequence } from './messages.js';

interface Exchange {
  readonly sequence: number;
  readonly requestNs: WireNs;
  responseNs?: WireNs;
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

    if (datagram.destinationPort === port) {
      const key = `${datagram.sourceAddress}:${datagram.sourcePort} ${sequence}`;
      if (!exchanges.has(key)) exchanges.set(key, { sequence, requestNs: timestampNs });
    } else if (datagram.sourcePort === port) {
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
    else samples.push({ sequence, requestNs, responseTimeNs: nsBetween(requestNs, responseNs) });
  }
  return { samples, lost };
}

function requestSequence(payload: Uint8Array): number | undefined {
  if (payload.byteLength < 8) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return view.getUint32(0) === magic ? view.getUint32(sequenceOffset) : undefined;
}
