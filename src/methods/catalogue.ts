import { outsourcingModule } from '../host/outsourcing.js';
import { EvenkeelError } from '../process/errors.js';
import { rtHousekeepingSuffix, withHousekeeping } from './housekeeping.js';
import type { Method, Setting } from './method.js';
import { tunedSettings } from './tuned.js';
import { lowestRtPriority, vcpusApart, vcpusOfOnePriority } from './vcpus-together.js';

export { lowestRtPriority } from './vcpus-together.js';

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

/** Of the RT NIC's interrupt thread (Table 2). */
const interruptPriority = 50;

const tableTwo: readonly Setting[] = [
  isolatedRtVcpu,
  {
    kind: 'scheduling',
    threads: 'RT interrupt thread',
    policy: 'fifo',
    priority: interruptPriority,
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
  {
    kind: 'file',
    path: '/proc/sys/net/core/rtnet_thread_prio',
    value: `${interruptPriority}`,
    why: 'What an RT interrupt thread cannot poll itself is polled by a thread of its priority.',
  },
];

/** There is no vNIC. */
const outsourcedTableTwo: readonly Setting[] = [
  ...tableTwo.filter((setting) => setting !== rtVnicPriority && setting !== rtVcpuPriority),
  ...vcpusOfOnePriority,
  ...vcpusApart,
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

/**
 * The thread has no RT priority: it never sleeps, and normal threads of its CPU, such as ksoftirqd, would
 * never run. It polls whenever the RT path, which preempts it, leaves the CPU idle. As with `exclusive`, that
 * CPU has nothing else to do.
 */
const busyPollingRtNic: Setting = {
  kind: 'napi-busy-polling',
  nics: 'rt',
  why: 'The RT NIC is polled all the time, so that no message waits for an interrupt and for its thread.',
};

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
        priority: interruptPriority,
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
    summary: 'outsourcing, but the RT server is a process of the host: a lower bound for every VM',
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
  {
    id: 'napi-busy-poll',
    title: 'Busy-polling NAPI thread',
    summary: 'exclusive, and a NAPI thread that polls the RT NIC without a pause on the RT CPU',
    kernel: 'rt',
    settings: [busyPollingRtNic, ...tableTwo, ...exclusiveCpu],
  },
  {
    id: 'tuned',
    title: 'TuneD and libvirt',
    summary:
      "PREEMPT_RT with the settings of TuneD's realtime-virtual-host and libvirt's advice for real-time guests",
    kernel: 'rt',
    settings: [isolatedRtVcpu, ...tunedSettings],
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

/** All methods, and the paper's three with vNICs as a careful operator runs them: what `compare --all` runs. */
export const allMethodIds: readonly string[] = [
  ...methodIds,
  ...['vanilla', 'threaded', 'exclusive'].map((id) => `${id}${rtHousekeepingSuffix}`),
];

/**
 * @param id of the catalogue, or one that {@link withHousekeeping} makes from it
 * @throws EvenkeelError naming the known methods if there is none of that id
 */
export function methodById(id: string): Method {
  if (id.endsWith(rtHousekeepingSuffix)) {
    return withHousekeeping(methodById(id.slice(0, -rtHousekeepingSuffix.length)), 'rt');
  }
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
