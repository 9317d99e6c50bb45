import { EvenkeelError, withHints } from '../process/errors.js';
import type { HostAccess } from './access.js';

/** Attached VMs whose sockets the host performs: the module ek_host and its file. */
export const outsourcingModule = 'ek_host';
const file = '/proc/ek_host';
const device = '/dev/ek_host';

/**
 * How a guest's CPU learns of events: its idle process goes on without an interrupt and takes them, or
 * each interrupts it.
 */
export const notifications = ['idle', 'interrupt'] as const;
export type Notification = (typeof notifications)[number];

/** A line of /proc/ek_host. The counters begin when the VM is attached. */
export interface AttachedVm {
  /** Process id of its VMM. */
  readonly pid: number;
  /** `running` once the guest has loaded its module. */
  readonly state: 'waiting' | 'running';
  /** Inode number of the network namespace of its sockets. */
  readonly netns: number;
  readonly notification: Notification;
  readonly sockets: number;
  readonly maxSockets: number;
  readonly calls: bigint;
  /** Calls that failed; not those that would have had to wait. */
  readonly errors: bigint;
  /** Hypercalls that the host has refused as malformed. */
  readonly refused: bigint;
  /** Messages with data. The host's socket copies each once, from or to the guest's process. */
  readonly sent: bigint;
  readonly received: bigint;
  readonly bytesSent: bigint;
  readonly bytesReceived: bigint;
  readonly events: bigint;
  /** Events that found the queue full. */
  readonly overflows: bigint;
  /** Halted vCPUs that an event has let run, or interrupts. */
  readonly wakes: bigint;
  /** Interrupts that KVM did not take. */
  readonly undelivered: bigint;
  /** What the VM has asked for more often than it may, and has to ask for again. */
  readonly throttled: bigint;
  /** Messages, of those received, that came with their event: the VM did not have to ask for them. */
  readonly withEvent: bigint;
}

export interface Attachment {
  readonly pid: number;
  /** Path of the network namespace in which its sockets are to be; the host's own if undefined. */
  readonly netns?: string;
  readonly maxSockets: number;
  readonly notification: Notification;
  /** The namespace may be the host's own, whose ports and addresses the VM then has. */
  readonly initialNetns?: boolean;
  /** The namespace may be that of other attached VMs, with which the VM then shares ports. */
  readonly sharedNetns?: boolean;
}

/** What has to be asked for by name, and how, by the error with which the module refuses it. */
const refusals: Readonly<Record<string, readonly [string, string]>> = {
  EADDRNOTAVAIL: [
    "its sockets would be in the host's own network namespace",
    'Name a namespace for its sockets (`--netns`), or ask for that of the host with `--initial-netns` (in settings: initialNetns).',
  ],
  EADDRINUSE: [
    'another attached VM has its sockets in that network namespace',
    'Name a namespace of its own (`--netns`), or ask for a shared one with `--shared-netns` (in settings: sharedNetns).',
  ],
};

/**
 * Attaches a running VM; it stays attached when this program ends.
 * @throws EvenkeelError if there is no such process, it is attached already, or the namespace is not for it alone
 */
export async function attachVm(host: HostAccess, attachment: Attachment): Promise<void> {
  const { pid, netns, maxSockets, notification } = attachment;
  const words = [
    ...['attach', `pid=${pid}`, `sockets=${maxSockets}`, `notification=${notification}`, 'keep'],
    ...(attachment.initialNetns ? ['initial-netns'] : []),
    ...(attachment.sharedNetns ? ['shared-netns'] : []),
    ...(netns === undefined ? [] : ['netns=']),
  ];
  try {
    await host.writeFile(device, words.join(' '), netns);
  } catch (cause) {
    const [why, hint] = refusals[codeOf(cause) ?? ''] ?? [];
    if (why === undefined || hint === undefined) return explain(host, cause);
    throw new EvenkeelError(`cannot attach the VM of process ${pid}: ${why}`, {
      cause,
      hints: [hint],
      fields: { pid, netns },
    });
  }
}

/** Detaches a VM; its sockets are closed then. @throws EvenkeelError if it is not attached */
export async function detachVm(host: HostAccess, pid: number): Promise<void> {
  try {
    await host.writeFile(device, `detach pid=${pid}`);
  } catch (cause) {
    const vms = await attachedVms(host);
    if (vms.some((vm) => vm.pid === pid)) return explain(host, cause);
    throw new EvenkeelError(`the VM of process ${pid} is not attached`, {
      cause,
      hints: ['`evenkeel vm list` shows which VMs run, and which of them are attached.'],
      fields: { pid },
    });
  }
}

/** All VMs that are attached. @throws EvenkeelError if ek_host is not loaded */
export async function attachedVms(host: HostAccess): Promise<AttachedVm[]> {
  return parseAttachedVms(await host.readFile(file).catch((error) => explain(host, error)));
}

/** Whether ek_host is loaded; without it no VM is attached. */
export async function isOutsourcingLoaded(host: HostAccess): Promise<boolean> {
  return (await host.list('/proc')).includes(outsourcingModule);
}

/** @throws EvenkeelError that says what the user can do about a failure to use ek_host's file */
async function explain(host: HostAccess, error: unknown): Promise<never> {
  if (!(await isOutsourcingLoaded(host))) {
    throw new EvenkeelError(
      `the kernel module ${outsourcingModule} is not loaded, so no VM is attached`,
      {
        hints: [
          'Attach a VM with `evenkeel vm attach <vm>`, which loads the module.',
          `If it is not installed for this kernel, \`modprobe ${outsourcingModule}\` says so; docs/outsourcing.md says how.`,
        ],
        fields: { module: outsourcingModule, path: file },
      },
    );
  }
  if (codeOf(error) === 'EACCES' && error instanceof EvenkeelError) {
    throw withHints(error, [...error.hints, 'Run this as root: the file is of root alone.']);
  }
  throw error;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof EvenkeelError)) return undefined;
  return (error.cause as NodeJS.ErrnoException | undefined)?.code;
}

const columns =
  'pid state netns notification sockets max_sockets calls errors refused sent received bytes_sent bytes_received events overflows wakes undelivered throttled with_event';
const line = /^(\d+) (waiting|running) (\d+) (idle|interrupt) (\d+) (\d+)((?: \d+){13})$/;

/** Reads /proc/ek_host. @throws EvenkeelError if it is of another version */
export function parseAttachedVms(text: string): AttachedVm[] {
  const [head, ...lines] = text.trimEnd().split('\n');
  if (head !== columns) throw unexpected(head);
  return lines.map((one) => {
    const [, pid, state, netns, notification, sockets, maxSockets, rest] = line.exec(one) ?? [];
    if (rest === undefined) throw unexpected(one);
    const counters = rest.trim().split(' ').map(BigInt);
    const counter = (column: number) => counters[column] as bigint;
    return {
      pid: Number(pid),
      state: state as AttachedVm['state'],
      netns: Number(netns),
      notification: notification as Notification,
      sockets: Number(sockets),
      maxSockets: Number(maxSockets),
      calls: counter(0),
      errors: counter(1),
      refused: counter(2),
      sent: counter(3),
      received: counter(4),
      bytesSent: counter(5),
      bytesReceived: counter(6),
      events: counter(7),
      overflows: counter(8),
      wakes: counter(9),
      undelivered: counter(10),
      throttled: counter(11),
      withEvent: counter(12),
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
