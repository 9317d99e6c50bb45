import { asWireNs } from '../../../src/traces/time.js';
import { writePcap } from '../../traces/pcap-writer.js';
import { udpFrame } from '../../traces/udp-frame.js';

const client = { address: '10.0.0.2', port: 40_000 };
const server = { address: '10.0.0.1', port: 7000 };

/** A payload of the load generator. */
export function requestPayload(sequence: number, paddingBytes = 8): Uint8Array {
  const payload = new Uint8Array(8 + paddingBytes);
  payload.set(new TextEncoder().encode('EKRQ'));
  new DataView(payload.buffer).setUint32(4, sequence);
  return payload;
}

export function requestFrame(timestampNs: bigint, sequence: number, sourcePort = client.port) {
  const frame = udpFrame({
    sourceAddress: client.address,
    sourcePort,
    destinationAddress: server.address,
    destinationPort: server.port,
    payload: requestPayload(sequence),
  });
  return { timestampNs: asWireNs(timestampNs), frame };
}

export function responseFrame(
  timestampNs: bigint,
  sequence: number,
  destinationPort = client.port,
) {
  const frame = udpFrame({
    sourceAddress: server.address,
    sourcePort: server.port,
    destinationAddress: client.address,
    destinationPort,
    payload: requestPayload(sequence),
  });
  return { timestampNs: asWireNs(timestampNs), frame };
}

/** A capture of one request after the other, every millisecond from 1 s on, each answered. */
export function captureOfResponses(responseTimesNs: readonly bigint[]): Uint8Array {
  return writePcap(
    responseTimesNs.flatMap((responseTimeNs, sequence) => {
      const requestNs = 1_000_000_000n + BigInt(sequence) * 1_000_000n;
      return [
        requestFrame(requestNs, sequence),
        responseFrame(requestNs + responseTimeNs, sequence),
      ];
    }),
  );
}
