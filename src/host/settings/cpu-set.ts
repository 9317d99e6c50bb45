import { z } from 'zod';
import { EvenkeelError } from '../../process/errors.js';
import type { HostLayout } from '../layout.js';

/** CPUs of a host: the last one, or all others. */
export const cpuSetSchema = z.enum(['last', 'not-last']);
export type CpuSet = z.infer<typeof cpuSetSchema>;

/** Those of a layout's CPUs. @throws EvenkeelError on a host with a single CPU */
export function cpusOfSet({ cpus }: HostLayout, set: CpuSet): number[] {
  if (cpus.length < 2) {
    throw new EvenkeelError('a method that divides the CPUs needs a host with two or more');
  }
  return set === 'last' ? cpus.slice(-1) : cpus.slice(0, -1);
}
