import { z } from 'zod';
import type { ThreadClass } from '../../host/thread-class.js';
import type { RunSpec } from '../../plan/run-spec.js';

/**
 * Where the probes are: points of the host's kernel and of the RT guest's that a request and its response pass.
 * The module ek_probe is told of them (path/point-command.ts); analysis reads what they recorded by their
 * names (path/chain.ts).
 */

/** The ways that a request can take through a host. */
export const pathKinds = [
  /** NIC, bridge, vhost-net, virtio-net, and the guest's network stack. */
  'virtio',
  /** The host's sockets; the guest's idle process learns of the request. */
  'outsourced',
  /** The host's sockets; an interrupt tells the guest. */
  'outsourced-interrupt',
  /** The server is a process of the host. */
  'process',
] as const;
export type PathKind = (typeof pathKinds)[number];

/** Which of the points of a way take time-stamps: all, or the paper's four (section IV-D). */
const probeSets = ['all', 'four'] as const;

export const pathOptionsSchema = z.object({ path: z.enum(pathKinds), probes: z.enum(probeSets) });
export type PathOptions = Readonly<z.infer<typeof pathOptionsSchema>>;

export interface ProbePoint {
  /** Below 64, and no other point's of either kernel. */
  readonly number: number;
  readonly name: PointName;
  readonly kernel: 'host' | 'guest';
  readonly mechanism: 'tracepoint' | 'function';
  readonly symbol: string;
  /** What is recorded of an argument of the tracepoint, and which it is. */
  readonly records?: {
    /** `message`: the sequence number of the request, and so only requests and their responses. */
    readonly what: 'number' | 'task' | 'message';
    readonly argument: number;
  };
  /** Only messages on this interface. */
  readonly device?: 'RT NIC' | 'RT tap';
  /** Only if what is recorded is one of these. */
  readonly values?:
    | { readonly threads: readonly ThreadClass[] }
    | 'RT NIC receive interrupts'
    | 'server'
    | readonly number[];
  /** Only while one of these runs. */
  readonly current?: { readonly threads: readonly ThreadClass[] } | 'server';
  /** Only on the CPU of the guest's server. */
  readonly cpu?: 'server';
}

export type PointName =
  | 'interrupt'
  | 'switch'
  | 'waking'
  | 'driver receives'
  | 'stack receives'
  | 'tap'
  | 'NIC sends'
  | 'VM entry'
  | 'VM exit'
  | 'host receive call'
  | 'host send call'
  | 'host UDP receives'
  | 'host UDP has received'
  | 'host hypercall ends'
  | 'host delivers'
  | 'host has delivered'
  | 'host UDP sends'
  | 'send call'
  | 'guest idle ends'
  | 'guest interrupt'
  | 'guest driver receives'
  | 'guest waking'
  | 'guest idle process restores its tick'
  | 'guest idle process schedules'
  | 'guest switch'
  | 'guest pins'
  | 'guest calls'
  | 'guest unpins'
  | 'guest takes'
  | 'guest send call'
  | 'guest NIC sends';

interface PlacedPoint extends ProbePoint {
  readonly paths: readonly PathKind[];
}

const withVm: readonly PathKind[] = ['virtio', 'outsourced', 'outsourced-interrupt'];
const outsourced: readonly PathKind[] = ['outsourced', 'outsourced-interrupt'];

/** Threads that a request wakes on its way. */
const woken: readonly ThreadClass[] = ['RT vNIC', 'RT vCPU', 'RT server'];

/** Power state that means that the idle process goes on (include/trace/events/power.h). */
const PWR_EVENT_EXIT = 0xffff_ffff;

const allPoints: readonly PlacedPoint[] = [
  {
    number: 0,
    name: 'interrupt',
    kernel: 'host',
    mechanism: 'tracepoint',
    symbol: 'irq_handler_entry',
    records: { what: 'number', argument: 0 },
    values: 'RT NIC receive interrupts',
    paths: pathKinds,
  },
  {
    number: 1,
    name: 'switch',
    kernel: 'host',
    mechanism: 'tracepoint',
    symbol: 'sched_switch',
    records: { what: 'task', argument: 2 },
    values: { threads: ['RT interrupt thread', ...woken] },
    paths: pathKinds,
  },
  {
    number: 2,
    name: 'waking',
    kernel: 'host',
    mechanism: 'tracepoint',
    symbol: 'sched_waking',
    records: { what: 'task', argument: 0 },
    values: { threads: woken },
    paths: pathKinds,
  },
  {
    number: 3,
    name: 'driver receives',
    kernel: 'host',
    mechanism: 'tracepoint',
    symbol: 'napi_gro_receive_entry',
    records: { what: 'message', argument: 0 },
    device: 'RT NIC',
    paths: pathKinds,
  },
  {
    number: 4,
    name: 'stack receives',
    kernel: 'host',
    mechanism: 'tracepoint',
    symbol: 'netif_receive_skb',
    records: { what: 'message', argument: 0 },
    device: 'RT NIC',
    paths: pathKinds,
  },
  {
    number: 5,
    name: 'tap',
    kernel: 'host',
    mechanism: 'tracepoint',
    symbol: 'net_dev_start_xmit',
    records: { what: 'message', argument: 0 },
    device: 'RT tap',
    paths: ['virtio'],
  },
  {
    number: 6,
    name: 'NIC sends',
    kernel: 'host',
    mechanism: 'tracepoint',
    symbol: 'net_dev_start_xmit',
    records: { what: 'message', argument: 0 },
    device: 'RT NIC',
    paths: pathKinds,
  },
  {
    number: 7,
    name: 'VM entry',
    kernel: 'host',
    mechanism: 'tracepoint',
    symbol: 'kvm_entry',
    current: { threads: ['RT vCPU'] },
    paths: withVm,
  },
  {
    number: 8,
    name: 'VM exit',
    kernel: 'host',
    mechanism: 'tracepoint',
    symbol: 'kvm_exit',
    current: { threads: ['RT vCPU'] },
    paths: withVm,
  },
  {
    number: 9,
    name: 'host receive call',
    kernel: 'host',
    mechanism: 'function',
    symbol: 'ek_op_recv',
    current: { threads: ['RT vCPU'] },
    paths: ['outsourced-interrupt'],
  },
  {
    number: 10,
    name: 'host send call',
    kernel: 'host',
    mechanism: 'function',
    symbol: 'ek_op_send',
    current: { threads: ['RT vCPU'] },
    paths: outsourced,
  },
  {
    number: 11,
    name: 'host UDP receives',
    kernel: 'host',
    mechanism: 'function',
    symbol: 'udp_recvmsg',
    current: { threads: ['RT vCPU'] },
    paths: outsourced,
  },
  {
    number: 12,
    name: 'host UDP sends',
    kernel: 'host',
    mechanism: 'function',
    symbol: 'udp_sendmsg',
    current: { threads: ['RT vCPU', 'RT server'] },
    paths: [...outsourced, 'process'],
  },
  {
    number: 13,
    name: 'send call',
    kernel: 'host',
    mechanism: 'function',
    symbol: '__x64_sys_sendto',
    current: { threads: ['RT server'] },
    paths: ['process'],
  },
  {
    number: 14,
    name: 'host UDP has received',
    kernel: 'host',
    mechanism: 'function',
    symbol: 'skb_consume_udp',
    current: { threads: ['RT vCPU'] },
    paths: outsourced,
  },
  {
    number: 15,
    name: 'host hypercall ends',
    kernel: 'host',
    mechanism: 'function',
    symbol: 'kvm_skip_emulated_instruction',
    current: { threads: ['RT vCPU'] },
    paths: ['outsourced-interrupt'],
  },
  {
    number: 16,
    name: 'host delivers',
    kernel: 'host',
    mechanism: 'function',
    symbol: 'ek_vm_deliver',
    current: { threads: ['RT vCPU'] },
    paths: ['outsourced'],
  },
  {
    number: 17,
    name: 'host has delivered',
    kernel: 'host',
    mechanism: 'function',
    symbol: 'ek_count_message',
    current: { threads: ['RT vCPU'] },
    paths: ['outsourced'],
  },
  {
    number: 32,
    name: 'guest idle ends',
    kernel: 'guest',
    mechanism: 'tracepoint',
    symbol: 'cpu_idle',
    records: { what: 'number', argument: 0 },
    values: [PWR_EVENT_EXIT],
    cpu: 'server',
    paths: ['outsourced'],
  },
  {
    number: 33,
    name: 'guest interrupt',
    kernel: 'guest',
    mechanism: 'tracepoint',
    symbol: 'irq_handler_entry',
    records: { what: 'number', argument: 0 },
    cpu: 'server',
    paths: ['virtio', 'outsourced-interrupt'],
  },
  {
    number: 34,
    name: 'guest driver receives',
    kernel: 'guest',
    mechanism: 'tracepoint',
    symbol: 'napi_gro_receive_entry',
    records: { what: 'message', argument: 0 },
    paths: ['virtio'],
  },
  {
    number: 35,
    name: 'guest waking',
    kernel: 'guest',
    mechanism: 'tracepoint',
    symbol: 'sched_waking',
    records: { what: 'task', argument: 0 },
    values: 'server',
    paths: withVm,
  },
  {
    number: 36,
    name: 'guest switch',
    kernel: 'guest',
    mechanism: 'tracepoint',
    symbol: 'sched_switch',
    records: { what: 'task', argument: 2 },
    values: 'server',
    cpu: 'server',
    paths: withVm,
  },
  {
    number: 37,
    name: 'guest send call',
    kernel: 'guest',
    mechanism: 'function',
    symbol: '__x64_sys_sendto',
    current: 'server',
    paths: withVm,
  },
  {
    number: 38,
    name: 'guest NIC sends',
    kernel: 'guest',
    mechanism: 'tracepoint',
    symbol: 'net_dev_start_xmit',
    records: { what: 'message', argument: 0 },
    paths: ['virtio'],
  },
  {
    number: 39,
    name: 'guest idle process schedules',
    kernel: 'guest',
    mechanism: 'function',
    symbol: 'schedule_idle',
    cpu: 'server',
    paths: withVm,
  },
  {
    number: 40,
    name: 'guest pins',
    kernel: 'guest',
    mechanism: 'function',
    symbol: 'ek_buffer_get',
    current: 'server',
    paths: ['outsourced-interrupt'],
  },
  {
    number: 41,
    name: 'guest calls',
    kernel: 'guest',
    mechanism: 'function',
    symbol: 'ek_vmrpc_call',
    current: 'server',
    paths: outsourced,
  },
  {
    number: 42,
    name: 'guest unpins',
    kernel: 'guest',
    mechanism: 'function',
    symbol: 'ek_buffer_put',
    current: 'server',
    paths: ['outsourced-interrupt'],
  },
  {
    number: 43,
    name: 'guest idle process restores its tick',
    kernel: 'guest',
    mechanism: 'function',
    symbol: 'tick_nohz_idle_exit',
    cpu: 'server',
    paths: outsourced,
  },
  {
    number: 44,
    name: 'guest takes',
    kernel: 'guest',
    mechanism: 'function',
    symbol: 'ek_delivery_receive',
    current: 'server',
    paths: ['outsourced'],
  },
];

/** The paper's four: the beginnings of its segments, and the transmission (section IV-D). */
const fourPoints: Record<PathKind, readonly PointName[]> = {
  virtio: ['interrupt', 'VM entry', 'VM exit', 'NIC sends'],
  outsourced: ['interrupt', 'VM entry', 'VM exit', 'NIC sends'],
  'outsourced-interrupt': ['interrupt', 'VM entry', 'VM exit', 'NIC sends'],
  process: ['interrupt', 'switch', 'send call', 'NIC sends'],
};

/** The way that requests take with a method. */
export function pathOf({ rtServer, settings }: RunSpec['method']): PathKind {
  if (rtServer === 'host') return 'process';
  const outsourcing = settings.find(({ kind }) => kind === 'socket-outsourcing');
  if (outsourcing === undefined) return 'virtio';
  return outsourcing['notification'] === 'interrupt' ? 'outsourced-interrupt' : 'outsourced';
}

/** The points that take time-stamps. */
export function chosenPoints({ path, probes }: PathOptions): ProbePoint[] {
  return probes === 'all' ? pointsOf(path) : fourPointsOf(path);
}

/** The points of a way, in the order of their numbers. */
export function pointsOf(path: PathKind): ProbePoint[] {
  return allPoints
    .filter(({ paths }) => paths.includes(path))
    .map(({ paths: _paths, ...point }) => point);
}

/** The paper's four of them. */
export function fourPointsOf(path: PathKind): ProbePoint[] {
  return pointsOf(path).filter(({ name }) => fourPoints[path].includes(name));
}
