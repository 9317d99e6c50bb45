import { EvenkeelError } from '../process/errors.js';
import { asWireNs, type WireNs } from './time.js';

/**
 * Reader of the classic pcap format, as QEMU's filter-dump and tcpdump write it: a file header of
 * 24 bytes, then records of a 16-byte header and the captured bytes. The writer's byte order and
 * the unit of the timestamps are told by the magic number.
 * Format: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/
 */

export interface CapturedFrame {
  /** Microsecond captures have multiples of 1000. */
  readonly timestampNs: WireNs;
  /** A view into the capture, not a copy. Shorter than the frame if the capture limits lengths. */
  readonly frame: Uint8Array;
}

const fileHeaderBytes = 24;
const recordHeaderBytes = 16;
const linkTypeEthernet = 1;
const microsecondMagic = 0xa1b2c3d4;
const nanosecondMagic = 0xa1b23c4d;

/**
 * Yields the frames of a capture in file order.
 * @throws EvenkeelError at the first byte that is not as the format says; it names the offset.
 */
export function* readPcap(bytes: Uint8Array): Generator<CapturedFrame, void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { littleEndian, nsPerFraction } = readFileHeader(view);

  // Every turn consumes at least a record header, so the input bounds the loop.
  for (let offset = fileHeaderBytes; offset < bytes.byteLength; ) {
    const frameOffset = offset + recordHeaderBytes;
    if (frameOffset > bytes.byteLength) {
      throw truncatedRecord(offset, recordHeaderBytes, bytes.byteLength - offset);
    }
    const seconds = view.getUint32(offset, littleEndian);
    const fraction = view.getUint32(offset + 4, littleEndian);
    const capturedBytes = view.getUint32(offset + 8, littleEndian);
    const end = frameOffset + capturedBytes;
    if (end > bytes.byteLength) {
      throw truncatedRecord(offset, end - offset, bytes.byteLength - offset);
    }
    yield {
      timestampNs: asWireNs(BigInt(seconds) * 1_000_000_000n + BigInt(fraction) * nsPerFraction),
      frame: bytes.subarray(frameOffset, end),
    };
    offset = end;
  }
}

function readFileHeader(view: DataView): { littleEndian: boolean; nsPerFraction: bigint } {
  if (view.byteLength < fileHeaderBytes) {
    throw new EvenkeelError(
      `pcap header at offset 0: expected ${fileHeaderBytes} bytes, got ${view.byteLength}`,
    );
  }
  const littleEndian = isMagic(view.getUint32(0, true));
  const magic = view.getUint32(0, littleEndian);
  if (!isMagic(magic)) {
    throw new EvenkeelError(
      `pcap magic at offset 0: expected a1b2c3d4 or a1b23c4d, got ${magic.toString(16).padStart(8, '0')}`,
    );
  }
  // The upper half of the field tells about frame check sequences, which IPv4 lengths exclude.
  const linkType = view.getUint32(20, littleEndian) & 0xffff;
  if (linkType !== linkTypeEthernet) {
    throw new EvenkeelError(
      `pcap link type at offset 20: expected ${linkTypeEthernet} (Ethernet), got ${linkType}`,
    );
  }
  return { littleEndian, nsPerFraction: magic === nanosecondMagic ? 1n : 1000n };
}

function isMagic(value: number): boolean {
  return value === microsecondMagic || value === nanosecondMagic;
}

function truncatedRecord(offset: number, expectedBytes: number, actualBytes: number) {
  return new EvenkeelError(
    `pcap record at offset ${offset} is cut off: expected ${expectedBytes} bytes, got ${actualBytes}`,
    { hints: ['The emulator was probably killed while it captured; repeat the run.'] },
  );
}
