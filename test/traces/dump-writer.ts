import type { KernelTicks, ProbeRecord } from '../../src/traces/probe-dump.js';

export interface CpuRecords {
  readonly cpu: number;
  readonly dropped: bigint;
  readonly records: readonly Omit<ProbeRecord<KernelTicks>, 'cpu'>[];
}

/** What kernel/probe/buffer.c writes. */
export function writeProbeDump(tscKhz: number, cpus: readonly CpuRecords[]): Uint8Array {
  const count = cpus.reduce((sum, { records }) => sum + records.length, 0);
  const bytes = new Uint8Array(24 + 16 * (cpus.length + count));
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from('EKPROBE\0'));
  view.setUint32(8, 1, true);
  view.setUint32(12, tscKhz, true);
  view.setUint32(16, cpus.length, true);
  let offset = 24;
  for (const { cpu, dropped, records } of cpus) {
    view.setUint32(offset, cpu, true);
    view.setUint32(offset + 4, records.length, true);
    view.setBigUint64(offset + 8, dropped, true);
    offset += 16;
    for (const { tsc, value, pid, number } of records) {
      view.setBigUint64(offset, tsc, true);
      view.setUint32(offset + 8, value, true);
      view.setUint32(offset + 12, pid * 256 + number, true);
      offset += 16;
    }
  }
  return bytes;
}
