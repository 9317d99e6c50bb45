import type { CapturedFrame } from '../../traces/pcap.js';
import { nsBetween, type WireNs } from '../../traces/time.js';
import { parseUdp, type UdpDatagram } from '../../traces/udp.js';
import type { ResponseSample, ResponseTimes } from '../workload.js';
import { magic, port, sequenceOffset, warmUpSequence } from './messages.js';

interface Exchange extends Omit<ResponseSample, 'responseTimeNs'> {
  responseNs?: WireNs;
}

/** Magic number and sequence number. */
const headerBytes = sequenceOffset + 4;

/**
 * Matches the responses in a capture to their requests, by server, client address, client port and
 * sequence number. A repeated request or response is ignored: the first of each counts. A response
 * whose request was not captured is ignored too.
 */
export function matchResponses(frames: Iterable<CapturedFrame>): ResponseTimes {
  // A Map keeps the order of insertion, which is the order of the requests.
  const exchanges = new Map<string, Exchange>();
  for (const { timestampNs, frame } of frames) {
    const datagram = parseUdp(frame);
    const message = datagram && messageOf(datagram);
    if (message === undefined) continue;
    const { isRequest, server, client, sequence } = message;
    const key = `${server} ${client} ${sequence}`;
    const exchange = exchanges.get(key);
    if (!isRequest) {
      if (exchange) exchange.responseNs ??= timestampNs;
    } else if (exchange === undefined) {
      exchanges.set(key, { server, sequence, requestNs: timestampNs });
    }
  }
  return toResponseTimes(exchanges.values());
}

/** A request or a response; undefined if the datagram is neither, or warms up. */
function messageOf({ payload, ...datagram }: UdpDatagram) {
  const sequence = sequenceOf(payload);
  if (sequence === undefined || sequence === warmUpSequence) return undefined;
  const source = `${datagram.sourceAddress}:${datagram.sourcePort}`;
  const destination = `${datagram.destinationAddress}:${datagram.destinationPort}`;
  if (datagram.destinationPort === port) {
    return { isRequest: true, server: datagram.destinationAddress, client: source, sequence };
  }
  if (datagram.sourcePort !== port) return undefined;
  return { isRequest: false, server: datagram.sourceAddress, client: destination, sequence };
}

function toResponseTimes(exchanges: Iterable<Exchange>): ResponseTimes {
  const samples: ResponseSample[] = [];
  let lost = 0;
  for (const { responseNs, ...request } of exchanges) {
    if (responseNs === undefined) lost += 1;
    else {
      const responseTimeNs = nsBetween(request.requestNs, responseNs);
      samples.push({ ...request, responseTimeNs });
    }
  }
  return { samples, lost };
}

function sequenceOf(payload: Uint8Array): number | undefined {
  if (payload.byteLength < headerBytes) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return view.getUint32(0) === magic ? view.getUint32(sequenceOffset) : undefined;
}
