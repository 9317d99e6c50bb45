import type { ProgramCommand } from '../workload.js';

/**
 * Bulk traffic: each Heavy Receiver takes what its sender on the clients' side sends over one TCP connection
 * as fast as it can (the paper's section IV-A). It runs beside every workload, one for each heavy VM.
 */

/** What a Heavy Receiver's VM runs. */
export const heavyReceiver: ProgramCommand = ['heavy-receiver'];

/**
 * The sender for the receiver at `address`. Its stdout is the artifact {@link ackedSeriesFile}.
 * @param seconds after which it ends by itself
 */
export function heavySender(address: string, seconds: number): ProgramCommand {
  return ['heavy-sender', address, `${seconds}`];
}

/** Bytes that the sender of Heavy Receiver `vm` has acknowledged, a JSON document per line. */
export function ackedSeriesFile(vm: number): string {
  return `heavy-${vm}.jsonl`;
}
