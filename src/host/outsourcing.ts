import { EvenkeelError } from '../errors.js';
import type { HostAccess } from './access.js';

/** Attached VMs whose sockets the host performs: the module ek_host and its file. */
export const outsourcingModule = 'ek_host';
const file = '/proc/ek_host';

/** A line of /proc/ek_host. The counters begin when the VM is attached. */
export interface AttachedVm {
  /** Process id of its VMM. */
  readonly pid: number;
  /** `running` once the guest has loaded its module. */
  readonly state: 'waiting' | 'running';
  /** Inode number of the network namespace of its sockets. */
  readonly netns: number;
  readonly sockets: number;
  readonly maxSockets: number;
  readonly calls: bigint;
  /** Hypercalls that the host has refused as malformed. */
  readonly refused: bigint;
  readonly bytesSent: bigint;
  readonly bytesReceived: bigint;
  readonly events: bigint;
  /** Events that found the queue full. */
  readonly overflows: bigint;
  /** Halted vCPUs that an event has let run. */
  readonly wakes: bigint;
}

export interface Attachment {
  readonly pid: number;
  /** Path of the network namespace in which its sockets are to be; the host's own if undefined. */
  readonly netns?: string;
  readonly maxSockets: number;
}

/** Attaches a running VM. @throws EvenkeelError if there is no such process, or it is attached already */
export async function attachVm(
  host: HostAccess,
  { pid, netns, maxSockets }: Attachment,
): Promise<void> {
  await host.writeFile(file, `attach ${pid} ${maxSockets}`, netns);
}

/** Detaches a VM; its sockets are closed then. */
export async function detachVm(host: HostAccess, pid: number): Promise<void> {
  await host.writeFile(file, `detach ${pid}`);
}

/** All VMs that are attached. @throws EvenkeelError if ek_host is not loaded */
export async function attachedVms(host: HostAccess): Promise<AttachedVm[]> {
  return parseAttachedVms(await host.readFile(file));
}

const columns =
  'pid state netns sockets max_sockets calls refused bytes_sent bytes_received events overflows wakes';
const line = /^(\d+) (waiting|running)((?: \d+){10})$/;

/** Reads /proc/ek_host. @throws EvenkeelError if it is of another version */
export function parseAttachedVms(text: string): AttachedVm[] {
  const [head, ...lines] = text.trimEnd().split('\n');
  if (head !== columns) throw unexpected(head);
  return lines.map((one) => {
    const [, pid, state, rest] = line.exec(one) ?? [];
    const [netns, sockets, maxSockets, ...counters] = (rest ?? '').trim().split(' ');
    const [calls, refused, bytesSent, bytesReceived, events, overflows, wakes] =
      counters.map(BigInt);
    if (wakes === undefined) throw unexpected(one);
    return {
      pid: Number(pid),
      state: state as AttachedVm['state'],
      netns: Number(netns),
      sockets: Number(sockets),
      maxSockets: Number(maxSockets),
      calls: calls as bigint,
      refused: refused as bigint,
      bytesSent: bytesSent as bigint,
      bytesReceived: bytesReceived as bigint,
      events: events as bigint,
      overflows: overflows as bigint,
      wakes,
    };
  });
}

function unexpected(text: string | undefined): EvenkeelError {
  return new EvenkeelError(
    `${file}: expected a table of attached VMs, got ${JSON.stringify(text)}`,
    {
      hints: ['Is the module ek_host of the same version as this program?'],
    },
  );
}
