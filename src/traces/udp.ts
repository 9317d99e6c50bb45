export interface UdpDatagram {
  /** Dotted decimal. */
  readonly sourceAddress: string;
  readonly destinationAddress: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** A view into the frame, without Ethernet padding; as much of it as was captured. */
  readonly payload: Uint8Array;
}

const ethernetHeaderBytes = 14;
const vlanTagBytes = 4;
const ipv4MinHeaderBytes = 20;
const udpHeaderBytes = 8;
const etherTypeIpv4 = 0x0800;
const etherTypeVlan = 0x8100;
const protocolUdp = 17;
/** "More fragments" and the fragment offset; "don't fragment" is left out. */
const fragmentMask = 0x3fff;

/**
 * The UDP datagram in an Ethernet frame (at most one 802.1Q tag, IPv4 with or without options), or
 * undefined if the frame is anything else, a fragment, or too short for the headers it announces.
 * Checksums are not verified: on a virtual link they are often left to be filled in.
 */
export function parseUdp(frame: Uint8Array): UdpDatagram | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const ip = ipv4Offset(view);
  if (ip === undefined || view.byteLength < ip + ipv4MinHeaderBytes) return undefined;

  const version = view.getUint8(ip) >> 4;
  const ipHeaderBytes = (view.getUint8(ip) & 0x0f) * 4;
  const isFragment = (view.getUint16(ip + 6) & fragmentMask) !== 0;
  const protocol = view.getUint8(ip + 9);
  if (version !== 4 || ipHeaderBytes < ipv4MinHeaderBytes) return undefined;
  if (isFragment || protocol !== protocolUdp) return undefined;

  const udp = ip + ipHeaderBytes;
  if (view.byteLength < udp + udpHeaderBytes) return undefined;
  const udpBytes = view.getUint16(udp + 4);
  if (udpBytes < udpHeaderBytes) return undefined;

  return {
    sourceAddress: ipv4Address(frame, ip + 12),
    destinationAddress: ipv4Address(frame, ip + 16),
    sourcePort: view.getUint16(udp),
    destinationPort: view.getUint16(udp + 2),
    payload: frame.subarray(udp + udpHeaderBytes, udp + udpBytes),
  };
}

function ipv4Offset(frame: DataView): number | undefined {
  if (frame.byteLength < ethernetHeaderBytes + vlanTagBytes) return undefined;
  const etherType = frame.getUint16(12);
  if (etherType === etherTypeIpv4) return ethernetHeaderBytes;
  const isTagged = etherType === etherTypeVlan && frame.getUint16(16) === etherTypeIpv4;
  return isTagged ? ethernetHeaderBytes + vlanTagBytes : undefined;
}

function ipv4Address(frame: Uint8Array, offset: number): string {
  return frame.subarray(offset, offset + 4).join('.');
}
