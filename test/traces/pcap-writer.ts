/** How a pcap writer stores its numbers. */
export interface PcapFormat {
  readonly littleEndian: boolean;
  readonly nanoseconds: boolean;
  readonly linkType: number;
}

export interface TimedFrame {
  readonly timestampNs: bigint;
  readonly frame: Uint8Array;
}

/** What QEMU's filter-dump writes. */
export const filterDumpFormat: PcapFormat = { littleEndian: true, nanoseconds: false, linkType: 1 };

/** Writes a classic pcap; a microsecond format drops the last three digits of the timestamps. */
export function writePcap(
  frames: readonly TimedFrame[],
  { littleEndian, nanoseconds, linkType }: PcapFormat = filterDumpFormat,
): Uint8Array {
  const size = frames.reduce((sum, { frame }) => sum + 16 + frame.byteLength, 24);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, littleEndian);
  view.setUint16(4, 2, littleEndian);
  view.setUint16(6, 4, littleEndian);
  view.setUint32(16, 65_536, littleEndian);
  view.setUint32(20, linkType, littleEndian);
  let offset = 24;
  for (const { timestampNs, frame } of frames) {
    const fractionNs = timestampNs % 1_000_000_000n;
    view.setUint32(offset, Number(timestampNs / 1_000_000_000n), littleEndian);
    view.setUint32(offset + 4, Number(nanoseconds ? fractionNs : fractionNs / 1000n), littleEndian);
    view.setUint32(offset + 8, frame.byteLength, littleEndian);
    view.setUint32(offset + 12, frame.byteLength, littleEndian);
    bytes.set(frame, offset + 16);
    offset += 16 + frame.byteLength;
  }
  return bytes;
}
