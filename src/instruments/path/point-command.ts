import type { ThreadClass } from '../../host/thread-class.js';
import { EvenkeelError } from '../../process/errors.js';
import { port, sequenceOffset } from '../../workloads/udp-echo/messages.js';
import type { ProbePoint } from './points.js';

/** What the names in a table of points stand for in a kernel. */
export interface KernelFacts {
  readonly threads: ReadonlyMap<ThreadClass, readonly number[]>;
  readonly receiveInterrupts: readonly number[];
  /** Indices of interfaces. */
  readonly devices: ReadonlyMap<NonNullable<ProbePoint['device']>, number>;
  /** The Critical RT server, in a guest. */
  readonly server: { readonly pid: number; readonly cpu: number } | undefined;
}

/**
 * The line that tells ek_probe of a point (kernel/probe/point.c).
 * @throws EvenkeelError if the kernel has nothing of what the point is limited to: without the limit it would
 *   record everything
 */
export function pointCommand(point: ProbePoint, facts: KernelFacts): string {
  const { number, mechanism, symbol, records, device, values, current, cpu } = point;
  const index = device === undefined ? undefined : facts.devices.get(device);
  if (device !== undefined && index === undefined) throw nothing(point, device);
  const words = [`point ${number} ${mechanism} ${symbol}`];
  if (records !== undefined) {
    const { what, argument } = records;
    const place = [argument, port, sequenceOffset, ...(index === undefined ? [] : [index])];
    words.push(`${what}=${what === 'message' ? place.join(':') : argument}`);
  }
  if (values !== undefined) words.push(`value=${valuesOf(point, values, facts).join(',')}`);
  if (current !== undefined) words.push(`current=${valuesOf(point, current, facts).join(',')}`);
  if (cpu !== undefined) {
    if (facts.server === undefined) throw nothing(point, 'server');
    words.push(`cpu=${facts.server.cpu}`);
  }
  return words.join(' ');
}

function valuesOf(
  point: ProbePoint,
  wanted: NonNullable<ProbePoint['values']>,
  { threads, receiveInterrupts, server }: KernelFacts,
): readonly number[] {
  let values: readonly number[];
  if (wanted === 'server') values = server === undefined ? [] : [server.pid];
  else if (wanted === 'RT NIC receive interrupts') values = receiveInterrupts;
  else if ('threads' in wanted) values = wanted.threads.flatMap((one) => threads.get(one) ?? []);
  else values = wanted;
  if (values.length > 0) return values;
  throw nothing(
    point,
    typeof wanted === 'object' && 'threads' in wanted ? wanted.threads.join(', ') : `${wanted}`,
  );
}

function nothing({ name, kernel }: ProbePoint, what: string): EvenkeelError {
  return new EvenkeelError(`the probe "${name}": the ${kernel} has no ${what}`);
}
