import type { ThreadClass } from '../../host/thread-class.js';
import type { PathKind, PointName } from './points.js';

/**
 * What a request passes on its way, in order. Each mark begins a step, which the next one ends; the first
 * step begins when the request is at the wire, the last one ends when its response is.
 */

/** The paper's three (Figure 10), and what is before them. */
export const segments = ['wire', 'host receive', 'guest', 'server', 'host send'] as const;
export type Segment = (typeof segments)[number];

export interface Mark {
  readonly point: PointName;
  /** The step that begins here, and the segment that it is part of. */
  readonly step: string;
  readonly segment: Segment;
  /** The point has recorded this request, or a thread of that class. */
  readonly records?: 'request' | ThreadClass;
  /** A thread of that class was running. */
  readonly current?: ThreadClass;
  /** The last such record before the next mark; otherwise the first one after the mark before. */
  readonly last?: true;
}

/**
 * Whether a request may lack that mark: one that comes while a poll of the NIC is due already has no
 * interrupt of its own. These are the first marks of each chain.
 */
export function isOfInterrupt({ point, records }: Mark): boolean {
  return point === 'interrupt' || records === 'RT interrupt thread';
}

/** Before the first mark. */
export const firstStep = { segment: 'wire', step: 'NIC to hard IRQ' } as const;

/** From the interrupt until the host's network stack has the request. */
function reception(threadedInterrupts: boolean, inStack: string): Mark[] {
  const segment = 'host receive';
  return [
    { point: 'interrupt', step: threadedInterrupts ? 'hard IRQ' : 'hard IRQ, softirq', segment },
    ...(threadedInterrupts
      ? [
          {
            point: 'switch',
            records: 'RT interrupt thread',
            step: 'IRQ thread, softirq',
            segment,
          } as const,
        ]
      : []),
    { point: 'driver receives', records: 'request', step: 'NIC driver, GRO', segment },
    { point: 'stack receives', records: 'request', step: inStack, segment },
  ];
}

/** From the moment when a thread is woken; it runs in `segment`, and waits in that or in `waitsIn`. */
function wakeOf(
  thread: ThreadClass,
  step: string,
  segment: Segment,
  { current, waitsIn = segment }: { current?: ThreadClass; waitsIn?: Segment } = {},
): Mark[] {
  return [
    {
      point: 'waking',
      records: thread,
      ...(current === undefined ? {} : { current }),
      step: `scheduling of the ${thread}`,
      segment: waitsIn,
    },
    { point: 'switch', records: thread, step, segment },
  ];
}

const transmission: Mark = {
  point: 'NIC sends',
  records: 'request',
  step: 'NIC driver',
  segment: 'host send',
};

const virtio: readonly Mark[] = [
  { point: 'tap', records: 'request', step: 'tap, wake of the vNIC', segment: 'host receive' },
  ...wakeOf('RT vNIC', 'vhost', 'host receive'),
  ...wakeOf('RT vCPU', 'return to the guest', 'host receive'),
  { point: 'VM entry', step: 'virtual interrupt', segment: 'guest' },
  { point: 'guest interrupt', step: 'hard IRQ, softirq', segment: 'guest' },
  {
    point: 'guest driver receives',
    records: 'request',
    step: 'network stack, wake of the server',
    segment: 'guest',
  },
  { point: 'guest waking', step: 'end of idle', segment: 'guest' },
  { point: 'guest idle process schedules', step: 'scheduling of the server', segment: 'guest' },
  { point: 'guest switch', step: 'receive call, server', segment: 'guest' },
  { point: 'guest send call', step: 'send call, network stack', segment: 'guest' },
  { point: 'guest NIC sends', records: 'request', step: 'virtio-net, VM exit', segment: 'guest' },
  { point: 'VM exit', last: true, step: 'VM exit, wake of the vNIC', segment: 'host send' },
  ...wakeOf('RT vNIC', 'vhost, tap, bridge', 'host send', { current: 'RT vCPU' }),
  transmission,
];

/** A message that comes with its event: the vCPU's thread receives it before it enters the guest. */
const delivery: readonly Mark[] = [
  ...wakeOf('RT vCPU', 'KVM: end of the halt', 'host receive'),
  { point: 'host delivers', step: 'delivery: ek_host', segment: 'host receive' },
  { point: 'host UDP receives', step: 'delivery: UDP, copy', segment: 'host receive' },
  { point: 'host UDP has received', step: 'delivery: ek_host, arming', segment: 'host receive' },
  { point: 'host has delivered', step: 'return to the guest', segment: 'host receive' },
];

const guestWakesServer: readonly Mark[] = [
  { point: 'guest waking', step: 'end of the idle state', segment: 'guest' },
  {
    point: 'guest idle process restores its tick',
    step: 'end of idle: the tick',
    segment: 'guest',
  },
  { point: 'guest idle process schedules', step: 'scheduling of the server', segment: 'guest' },
  { point: 'guest switch', step: 'receive call: end of the wait', segment: 'guest' },
];

const receiveCall: readonly Mark[] = [
  { point: 'guest pins', step: 'receive call: pinning', segment: 'guest' },
  { point: 'guest calls', step: 'receive call: VMRPC', segment: 'guest' },
  { point: 'VM exit', last: true, step: 'receive call: VM exit, ek_host', segment: 'guest' },
  { point: 'host receive call', step: 'receive call: ek_host', segment: 'guest' },
  { point: 'host UDP receives', step: 'receive call: UDP, copy', segment: 'guest' },
  { point: 'host UDP has received', step: 'receive call: ek_host, arming', segment: 'guest' },
  { point: 'host hypercall ends', step: 'receive call: KVM, VM entry', segment: 'guest' },
  { point: 'VM entry', step: 'receive call: return of the VMRPC', segment: 'guest' },
  { point: 'guest unpins', step: 'receive call: unpinning; server', segment: 'guest' },
];

const sendCall: readonly Mark[] = [
  { point: 'guest send call', step: 'send call: ek_guest', segment: 'guest' },
  { point: 'guest calls', step: 'send call: copy, VMRPC', segment: 'guest' },
  { point: 'VM exit', last: true, step: 'VM exit, ek_host', segment: 'host send' },
  { point: 'host send call', step: 'ek_host', segment: 'host send' },
  { point: 'host UDP sends', step: 'network stack', segment: 'host send' },
  transmission,
];

const chains: Record<PathKind, readonly Mark[]> = {
  virtio,
  outsourced: [
    ...delivery,
    { point: 'VM entry', step: 'VM entry, idle process', segment: 'guest' },
    { point: 'guest idle ends', step: 'event, wake of the server', segment: 'guest' },
    ...guestWakesServer,
    { point: 'guest takes', step: 'receive call: copy; server', segment: 'guest' },
    ...sendCall,
  ],
  'outsourced-interrupt': [
    ...wakeOf('RT vCPU', 'return to the guest', 'host receive'),
    { point: 'VM entry', step: 'virtual interrupt', segment: 'guest' },
    { point: 'guest interrupt', step: 'event, wake of the server', segment: 'guest' },
    ...guestWakesServer,
    ...receiveCall,
    ...sendCall,
  ],
  process: [
    ...wakeOf('RT server', 'receive call, server', 'server', { waitsIn: 'host receive' }),
    { point: 'send call', step: 'send call', segment: 'host send' },
    { point: 'host UDP sends', step: 'network stack', segment: 'host send' },
    transmission,
  ],
};

const inStack: Record<PathKind, string> = {
  virtio: 'bridge',
  outsourced: 'network stack, wake of the vCPU',
  'outsourced-interrupt': 'network stack, wake of the vCPU',
  process: 'network stack, wake of the server',
};

/**
 * The marks of a way.
 * @param threadedInterrupts whether the RT NIC's interrupt is handled by a thread
 */
export function chainOf(path: PathKind, threadedInterrupts: boolean): Mark[] {
  return [...reception(threadedInterrupts, inStack[path]), ...chains[path]];
}
