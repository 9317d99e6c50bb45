import type { UdpDatagram } from '../../src/traces/udp.js';

interface FrameOptions {
  readonly vlan?: boolean;
  /** Words of IPv4 options. */
  readonly optionWords?: number;
  /** The 16 bits of flags and fragment offset. */
  readonly fragment?: number;
  readonly protocol?: number;
  /** Bytes of Ethernet padding after the datagram. */
  readonly paddingBytes?: number;
}

/** An Ethernet frame that carries the datagram; checksums and MAC addresses are zero. */
export function udpFrame(datagram: UdpDatagram, options: FrameOptions = {}): Uint8Array {
  const {
    vlan = false,
    optionWords = 0,
    fragment = 0x4000,
    protocol = 17,
    paddingBytes = 0,
  } = options;
  const ip = vlan ? 18 : 14;
  const udp = ip + 20 + optionWords * 4;
  const end = udp + 8 + datagram.payload.byteLength;
  const bytes = new Uint8Array(end + paddingBytes);
  const view = new DataView(bytes.buffer);
  if (vlan) view.setUint16(12, 0x8100);
  view.setUint16(ip - 2, 0x0800);
  view.setUint8(ip, 0x45 + optionWords);
  view.setUint16(ip + 2, end - ip);
  view.setUint16(ip + 6, fragment);
  view.setUint8(ip + 9, protocol);
  bytes.set(datagram.sourceAddress.split('.').map(Number), ip + 12);
  bytes.set(datagram.destinationAddress.split('.').map(Number), ip + 16);
  view.setUint16(udp, datagram.sourcePort);
  view.setUint16(udp + 2, datagram.destinationPort);
  view.setUint16(udp + 4, end - udp);
  bytes.set(datagram.payload, udp + 8);
  return bytes;
}
