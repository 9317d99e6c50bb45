import { EvenkeelError } from '../process/errors.js';
import { asFtraceUs, type FtraceUs } from './time.js';

/** One event of a kernel trace (Documentation/trace/ftrace.rst). */
export interface TraceEvent {
  /** Name of the thread that ran; the kernel keeps 15 characters of it. */
  readonly comm: string;
  readonly pid: number;
  readonly cpu: number;
  /** When it was. */
  readonly us: FtraceUs;
  readonly name: string;
  readonly details: string;
  /** Functions that were being called, innermost first; empty if it was not recorded. */
  readonly stack: readonly string[];
}

const eventLine = /^\s*(.+)-(\d+)\s+\[(\d+)\]\s+\S+\s+(\d+\.\d+): (?:(\w+): (.*)|<stack trace>)$/;
const stackLine = /^ => (\w[\w.]*)/;

/**
 * Reads the file `trace` of tracefs.
 * @throws EvenkeelError if the trace has lost events, or a line is not as the kernel writes it
 */
export function parseTrace(text: string): TraceEvent[] {
  const events: TraceEvent[] = [];
  /** Of the last event of each thread: it stands behind what other CPUs have done meanwhile. */
  const stacks = new Map<number, string[]>();
  /** The one that is being read. */
  let stack: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    if (/^CPU:\d+ \[LOST \d+ EVENTS\]$/.test(line)) {
      throw new EvenkeelError(`line ${index + 1}: the trace has lost events`, {
        hints: ['Trace a shorter run: fewer --requests.'],
      });
    }
    const frame = stackLine.exec(line)?.[1];
    if (frame !== undefined) {
      stack.push(frame);
      continue;
    }
    const [, comm, pid, cpu, seconds, name, details] = eventLine.exec(line) ?? [];
    if (comm === undefined) {
      throw new EvenkeelError(`line ${index + 1} is no line of a trace: ${line.slice(0, 120)}`);
    }
    if (name === undefined || details === undefined) {
      stack = stacks.get(Number(pid)) ?? [];
      continue;
    }
    const ownStack: string[] = [];
    stacks.set(Number(pid), ownStack);
    events.push({
      comm: comm.trim(),
      pid: Number(pid),
      cpu: Number(cpu),
      us: asFtraceUs(Number(seconds) * 1e6),
      name,
      details,
      stack: ownStack,
    });
  }
  return events;
}
