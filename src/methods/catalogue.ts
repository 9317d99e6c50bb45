import { outsourcingModule } from '../host/outsourcing.js';
import { EvenkeelError } from '../process/errors.js';
import type { Method, Setting } from './method.js';

/** The FIFO priority of the RT vCPU in the paper's Table 2: the lowest one that is RT. */
export const lowestRtPriority = 47;

/*
 * Priorities of the paper's Table 2. They are the same in all methods: the paper gives its RT threads
 * high priorities on vanilla Linux as well, where interrupts are not threads.
 */
const rtVnicPriority: Setting = {
  kind: 'scheduling',
  threads: 'RT vNIC',
  policy: 'fifo',
  priority: 48,
  why: 'A message must pass the vNIC before the vCPU can do anything with it (Table 2).',
};
const rtVcpuPriority: Setting = {
  kind: 'scheduling',
  threads: 'RT vCPU',
  policy: 'fifo',
  priority: lowestRtPriority,
  why: 'The vCPU that runs the Critical RT server comes before all normal threads (Table 2).',
};

/** As the paper's guest, which has CONFIG_NO_HZ_FULL (section IV-A). A host without RT VMs has nothing to set. */
const isolatedRtVcpu: Setting = {
  kind: 'guest-cpu-isolation',
  vms: 'rt',
  why: 'The RT vCPU runs the server and nothing else, without a tick (section IV-A).',
};

const rtServerPriority: Setting = {
  kind: 'scheduling',
  threads: 'RT server',
  policy: 'fifo',
  priority: lowestRtPriority,
  why: 'A Critical RT server that is a process of the host has the priority that its vCPU would have.',
};

const tableTwo: readonly Setting[] = [
  isolatedRtVcpu,
  {
    kind: 'scheduling',
    threads: 'RT interrupt thread',
    policy: 'fifo',
    priority: 50,
    why: 'A message enters the host here: its handler comes before the threads that it wakes (Table 2).',
  },
  rtVnicPriority,
  rtVcpuPriority,
  rtServerPriority,
  {
    kind: 'scheduling',
    threads: 'non-RT interrupt thread',
    policy: 'other',
    priority: 0,
    why: 'PREEMPT_RT starts every interrupt thread at FIFO 50, before the RT vCPU; bulk traffic must not be there (Table 2).',
  },
];

const rtSoftirq: readonly Setting[] = [
  {
    kind: 'kernel-module',
    module: 'ek_softirq',
    why: 'It gives RT threads a list of NAPI instances of their own.',
  },
  {
    kind: 'file',
    path: '/proc/sys/net/core/rtnet_prio',
    value: `${lowestRtPriority}`,
    why: 'From the RT vCPU upwards, threads poll what they have scheduled and nothing else (section III-A).',
  },
];

/*
 * Two vCPUs of a guest wait for each other: for a lock, or for an answer to an interrupt. A vCPU does so in
 * its guest, so the host sees a thread that is busy. The thread that it waits for may be waiting itself, for
 * a lock of the host's kernel. Who holds that inherits the waiting thread's priority, but cannot leave its
 * CPU as long as it holds a spinlock of PREEMPT_RT, or is elsewhere where migration is disabled, as in most
 * of the network stack. On the CPU of the RT vCPU it runs, and ends the wait of all three, because that has
 * the same priority and time slices.
 */
const vcpusTogether: readonly Setting[] = [
  {
    kind: 'scheduling',
    threads: 'RT vCPU',
    policy: 'rr',
    priority: lowestRtPriority,
    why: 'It may be waiting for the housekeeping vCPU, and that for a thread of this CPU, which has inherited this priority: they take turns.',
  },
  {
    kind: 'scheduling',
    threads: 'housekeeping vCPU',
    policy: 'rr',
    priority: lowestRtPriority,
    why: "The RT vCPU spins on what this one holds of the guest's kernel, a lock or the clock: it must not wait for normal threads.",
  },
  {
    kind: 'file',
    path: '/proc/sys/kernel/sched_rr_timeslice_ms',
    value: '4',
    why: 'So long at most does one vCPU wait for another, or for who has inherited its priority.',
  },
  {
    kind: 'thread-affinity',
    threads: ['housekeeping vCPU'],
    cpus: 'last',
    why: 'It never runs where the RT vCPU of its VM may preempt it.',
  },
  {
    kind: 'thread-affinity',
    threads: ['RT vCPU'],
    cpus: 'not-last',
    why: 'It never runs where it may preempt the housekeeping vCPU of its VM.',
  },
];

/** There is no vNIC. */
const outsourcedTableTwo: readonly Setting[] = [
  ...tableTwo.filter((setting) => setting !== rtVnicPriority && setting !== rtVcpuPriority),
  ...vcpusTogether,
];

const attachingModule: Setting = {
  kind: 'kernel-module',
  module: outsourcingModule,
  phase: 'host',
  why: 'It performs the sockets of the VMs that are attached to it.',
};

const outsourcedSockets: Extract<Setting, { kind: 'socket-outsourcing' }> = {
  kind: 'socket-outsourcing',
  maxSockets: 4096,
  notification: 'idle',
  why: 'A message passes one network stack and is copied once, and no virtual interrupt announces it (sections III-B and III-C).',
};

const exclusiveCpu: readonly Setting[] = [
  {
    kind: 'thread-affinity',
    threads: ['RT interrupt thread', 'RT NAPI thread', 'RT vNIC', 'RT vCPU', 'RT server'],
    cpus: 'last',
    why: 'The whole path of an RT message runs on the CPU that is reserved for it.',
  },
  {
    kind: 'thread-affinity',
    threads: [
      'non-RT interrupt thread',
      'non-RT NAPI thread',
      'heavy vNIC',
      'heavy vCPU',
      'housekeeping vCPU',
      'VMM',
      'other',
    ],
    cpus: 'not-last',
    why: 'Nothing else runs on the RT CPU, so no softirq work of others can stand before RT work.',
  },
  {
    kind: 'interrupt-affinity',
    interrupts: 'rt-nic',
    cpus: 'last',
    why: 'The RT NIC interrupts the CPU that runs its handler.',
  },
  {
    kind: 'interrupt-affinity',
    interrupts: 'others',
    cpus: 'not-last',
    why: 'No other device interrupts the RT CPU.',
  },
  {
    kind: 'workqueue-affinity',
    cpus: 'not-last',
    why: 'Unbound kernel work stays away from the RT CPU.',
  },
];

const methods: readonly Method[] = [
  {
    id: 'vanilla',
    title: 'Vanilla Linux',
    summary:
      'stock kernel: interrupts run before everything, RT threads have priority over normal ones',
    kernel: 'non-rt',
    settings: [isolatedRtVcpu, rtVnicPriority, rtVcpuPriority, rtServerPriority],
  },
  {
    id: 'threaded',
    title: 'Threaded interrupt handling',
    summary: "PREEMPT_RT with the priorities of the paper's Table 2",
    kernel: 'rt',
    settings: tableTwo,
  },
  {
    id: 'exclusive',
    title: 'Exclusive CPU',
    summary: 'threaded, and one CPU that runs the RT path and nothing else',
    kernel: 'rt',
    settings: [...tableTwo, ...exclusiveCpu],
  },
  {
    id: 'threaded-napi',
    title: 'Threaded NAPI',
    summary: "threaded, and upstream's NAPI threads for the RT NIC at FIFO 50",
    kernel: 'rt',
    settings: [
      {
        kind: 'threaded-napi',
        nics: 'rt',
        why: 'The RT NIC is polled by threads of its own instead of in the softirq that all NICs share.',
      },
      {
        kind: 'scheduling',
        threads: 'RT NAPI thread',
        policy: 'fifo',
        priority: 50,
        why: 'Polling the RT NIC is as urgent as its interrupt thread.',
      },
      ...tableTwo,
    ],
  },
  {
    id: 'rt-softirq',
    title: 'RT softirq',
    summary: 'threaded, and a NET_RX softirq that is divided into RT and non-RT (ek_softirq)',
    kernel: 'rt',
    settings: [...rtSoftirq, ...tableTwo],
  },
  {
    id: 'outsourcing',
    title: 'RT socket outsourcing',
    summary: "RT softirq, and the VMs' sockets are performed by the host (ek_host, ek_guest)",
    kernel: 'rt',
    settings: [attachingModule, ...rtSoftirq, outsourcedSockets, ...outsourcedTableTwo],
  },
  {
    id: 'outsourcing-alone',
    title: 'RT socket outsourcing without RT softirq',
    summary: 'outsourcing, but with the softirq that all NICs of a CPU share',
    kernel: 'rt',
    settings: [attachingModule, outsourcedSockets, ...outsourcedTableTwo],
  },
  {
    id: 'outsourcing-interrupt',
    title: 'Socket outsourcing with virtual interrupts',
    summary: 'outsourcing, but virtual interrupts tell the guests of events',
    kernel: 'rt',
    settings: [
      attachingModule,
      ...rtSoftirq,
      {
        ...outsourcedSockets,
        notification: 'interrupt',
        why: 'A message passes one network stack and is copied once (section III-B).',
      },
      ...outsourcedTableTwo,
    ],
  },
  {
    id: 'bare',
    title: 'Server on the host',
    summary:
      'outsourcing, but the RT server is a process of the host: what no VM can be better than',
    kernel: 'rt',
    rtServer: 'host',
    settings: [attachingModule, ...rtSoftirq, outsourcedSockets, ...outsourcedTableTwo],
  },
  {
    id: 'halt-polling',
    title: 'Halt polling',
    summary: 'threaded, and a halted vCPU is polled for 2 ms before its thread sleeps',
    kernel: 'rt',
    settings: [
      ...tableTwo,
      {
        kind: 'file',
        path: '/sys/module/kvm/parameters/halt_poll_ns',
        value: '2000000',
        why: 'Most waits of the RT vCPU end within 2 ms: it need not be put to sleep and woken.',
      },
      {
        kind: 'file',
        path: '/sys/module/kvm/parameters/halt_poll_ns_grow_start',
        value: '2000000',
        why: 'Poll for the whole time from the first halt on instead of growing towards it.',
      },
    ],
  },
  {
    id: 'busy-polling',
    title: 'Busy polling',
    summary: 'threaded, and the vNIC threads poll their queues before they sleep',
    kernel: 'rt',
    settings: [
      ...tableTwo,
      {
        kind: 'vhost-busy-polling',
        us: 100,
        why: 'The vNIC thread looks at its queues for 100 us before it sleeps, so a message need not wake it.',
      },
    ],
  },
];

export const methodIds: readonly string[] = methods.map((method) => method.id);

/** The paper's four methods, and what bounds them all: what `compare` runs by default. */
export const defaultMethodIds: readonly string[] = [
  'vanilla',
  'threaded',
  'exclusive',
  'outsourcing',
  'bare',
];

/**
 * Outsourcing, and what is left of it without one of its techniques, in the order of the paper's Figure 9:
 * with both, only the RT softirq, only RT socket outsourcing, and with virtual interrupts.
 */
export const ablationMethodIds: readonly string[] = [
  'outsourcing',
  'rt-softirq',
  'outsourcing-alone',
  'outsourcing-interrupt',
];

/** @throws EvenkeelError naming the known methods if there is none of that id */
export function methodById(id: string): Method {
  const method = methods.find((candidate) => candidate.id === id);
  if (method === undefined) {
    throw new EvenkeelError(`unknown method "${id}"`, {
      hints: [`The methods are: ${methodIds.join(', ')}.`],
    });
  }
  return method;
}

/**
 * The method of an RT VM in which a guest is to run.
 * @throws EvenkeelError if there is none of that id, or it has no RT VMs
 */
export function methodOfGuest(id: string): Method {
  const method = methodById(id);
  if ((method.rtServer ?? 'vm') !== 'vm') {
    throw new EvenkeelError(`the method ${id} has no RT VM`);
  }
  return method;
}

export function allMethods(): readonly Method[] {
  return methods;
}
