import { EvenkeelError } from '../process/errors.js';
import type { GuestTicks, HostTicks } from './time.js';

/** Reader of what ek_probe has recorded; the format is described in kernel/probe/buffer.c. */

/** The time-stamp counter of the kernel that has recorded. */
export type KernelTicks = HostTicks | GuestTicks;

export interface ProbeRecord<Ticks extends KernelTicks> {
  readonly tsc: Ticks;
  readonly cpu: number;
  /** Of the point. */
  readonly number: number;
  /** The thread that was running, as its kernel numbers it. */
  readonly pid: number;
  readonly value: number;
}

export interface ProbeDump<Ticks extends KernelTicks> {
  /** Frequency of the time-stamp counter, as the kernel has measured it. */
  readonly tscKhz: number;
  /** Those of each CPU together; not quite in the order of their times. */
  readonly records: readonly ProbeRecord<Ticks>[];
  /** Records that there was no room for. */
  readonly dropped: bigint;
}

const magic = 'EKPROBE\0';
const version = 1;
const fileHeaderBytes = 24;
const cpuHeaderBytes = 16;
const recordBytes = 16;

/**
 * @typeParam Ticks whose counter it is; the file does not say which kernel has written it
 * @throws EvenkeelError at the first byte that is not as the format says; it names the offset.
 */
export function parseProbeDump<Ticks extends KernelTicks>(bytes: Uint8Array): ProbeDump<Ticks> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  requireBytes(view, 0, fileHeaderBytes, 'the header');
  const found = Buffer.from(bytes.subarray(0, magic.length)).toString('latin1');
  if (found !== magic) {
    throw new EvenkeelError(
      `records of probes at offset 0: expected ${JSON.stringify(magic)}, got ${JSON.stringify(found)}`,
    );
  }
  if (view.getUint32(8, true) !== version) {
    throw new EvenkeelError(
      `records of probes at offset 8: expected version ${version}, got ${view.getUint32(8, true)}`,
    );
  }
  const tscKhz = view.getUint32(12, true);
  const cpus = view.getUint32(16, true);
  const records: ProbeRecord<Ticks>[] = [];
  let dropped = 0n;
  let offset = fileHeaderBytes;
  for (let index = 0; index < cpus; index += 1) {
    requireBytes(view, offset, cpuHeaderBytes, 'the header of a CPU');
    const cpu = view.getUint32(offset, true);
    const count = view.getUint32(offset + 4, true);
    dropped += view.getBigUint64(offset + 8, true);
    offset += cpuHeaderBytes;
    requireBytes(view, offset, count * recordBytes, `${count} records`);
    for (const end = offset + count * recordBytes; offset < end; offset += recordBytes) {
      const pidAndNumber = view.getUint32(offset + 12, true);
      records.push({
        tsc: view.getBigUint64(offset, true) as Ticks,
        cpu,
        number: pidAndNumber & 0xff,
        pid: pidAndNumber >>> 8,
        value: view.getUint32(offset + 8, true),
      });
    }
  }
  if (offset !== view.byteLength) {
    throw new EvenkeelError(
      `records of probes at offset ${offset}: expected the end, got ${view.byteLength - offset} bytes more`,
    );
  }
  return { tscKhz, records, dropped };
}

function requireBytes(view: DataView, offset: number, bytes: number, what: string): void {
  if (offset + bytes <= view.byteLength) return;
  throw new EvenkeelError(
    `records of probes at offset ${offset}: expected ${what}, got ${view.byteLength - offset} bytes`,
  );
}
