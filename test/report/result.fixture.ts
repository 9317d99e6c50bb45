import { cpu } from '../../src/instruments/cpu/instrument.js';
import { throughput } from '../../src/instruments/throughput/instrument.js';
import { wire } from '../../src/instruments/wire/instrument.js';
import { type MethodResult, type Result, resultSchema } from '../../src/results/schema.js';
import { asNs, asWireNs } from '../../src/traces/time.js';
import { generator } from './generator.js';

/** How the made-up response times and loads of a method look. */
interface MethodShape {
  id: string;
  title: string;
  kernel: string;
  settings: MethodResult['settings'];
  baseUs: number;
  /** Spread of the body. */
  bodyUs: number;
  /** Mean of the exponential delay that a share of the responses has on top. */
  tailUs: number;
  tailShare: number;
  /** Of the last seed: responses that take this long, far beyond the others. */
  outliersUs?: readonly number[];
  heavyMbps: number;
  /** Busy fraction of each host CPU. */
  busy: readonly number[];
}

const rtThreads = 'FIFO is what lets the RT threads go before those of the Heavy Receivers.';
const threadSettings: MethodResult['settings'] = [
  threadSetting('RT interrupt thread', 26, 'irq/26-enp0s2', 50),
  threadSetting('RT vNIC', 812, 'vhost-812', 48),
  threadSetting('RT vCPU', 813, 'CPU 0/KVM', 47),
];

function threadSetting(
  threadClass: string,
  tid: number,
  comm: string,
  priority: number,
): MethodResult['settings'][number] {
  return {
    kind: 'scheduling',
    target: { type: 'thread', class: threadClass, pid: tid, tid, comm },
    before: 'SCHED_OTHER',
    wanted: `SCHED_FIFO ${priority}`,
    actual: `SCHED_FIFO ${priority}`,
    why: rtThreads,
  };
}

const shapes: readonly MethodShape[] = [
  {
    id: 'vanilla',
    title: 'Vanilla Linux',
    kernel: '6.12.48+deb13-amd64',
    settings: [],
    baseUs: 540,
    bodyUs: 180,
    tailUs: 1100,
    tailShare: 0.3,
    outliersUs: [79_300, 74_100, 68_250, 63_158, 30_412],
    heavyMbps: 381.4,
    busy: [0.94, 0.91],
  },
  {
    id: 'threaded',
    title: 'Threaded interrupt handling',
    kernel: '6.12.48+deb13-rt-amd64',
    settings: threadSettings,
    baseUs: 520,
    bodyUs: 110,
    tailUs: 900,
    tailShare: 0.25,
    heavyMbps: 364.2,
    busy: [0.97, 0.96],
  },
  {
    id: 'exclusive',
    title: 'Exclusive CPU',
    kernel: '6.12.48+deb13-rt-amd64',
    settings: [
      ...threadSettings,
      {
        kind: 'interrupt-affinity',
        target: { type: 'interrupt', number: 26 },
        before: '0-1',
        wanted: '1',
        actual: '0-1',
        why: 'The RT NIC interrupts the RT CPU only.',
      },
    ],
    baseUs: 505,
    bodyUs: 60,
    tailUs: 90,
    tailShare: 0.1,
    heavyMbps: 246.8,
    busy: [0.99, 0.21],
  },
  {
    id: 'threaded-napi',
    title: 'Threaded NAPI',
    kernel: '7.3.4+deb14-rt-amd64',
    settings: threadSettings,
    baseUs: 515,
    bodyUs: 90,
    tailUs: 420,
    tailShare: 0.15,
    heavyMbps: 358.9,
    busy: [0.97, 0.95],
  },
  {
    id: 'outsourcing',
    title: 'RT socket outsourcing',
    kernel: '7.3.4+deb14-rt-amd64',
    settings: threadSettings,
    baseUs: 205,
    bodyUs: 18,
    tailUs: 14,
    tailShare: 0.1,
    heavyMbps: 402.3,
    busy: [0.96, 0.93],
  },
];

/** Outsourcing, and what is left of it without one of its techniques. */
const ablationShapes: readonly MethodShape[] = [
  ...shapes.filter(({ id }) => id === 'outsourcing'),
  ...[
    { id: 'rt-softirq', title: 'RT softirq', baseUs: 410, bodyUs: 40, tailUs: 160 },
    {
      id: 'outsourcing-alone',
      title: 'RT socket outsourcing without RT softirq',
      ...{ baseUs: 220, bodyUs: 60, tailUs: 700 },
    },
    {
      id: 'outsourcing-interrupt',
      title: 'Socket outsourcing with virtual interrupts',
      ...{ baseUs: 255, bodyUs: 24, tailUs: 40 },
    },
  ].map((shape) => ({
    ...shape,
    ...{ kernel: '7.3.4+deb14-rt-amd64', settings: threadSettings },
    ...{ tailShare: 0.15, heavyMbps: 380.5, busy: [0.97, 0.95] },
  })),
];

const requests = 1000;
const hash = 'c0ffee'.repeat(11).slice(0, 64);

/** A plausible result; with one seed it has no confidence intervals. */
export function resultFixture(seeds: readonly number[] = [1, 2, 3]): Result {
  return resultOf(shapes, seeds);
}

/** Of the methods that tell what each technique of outsourcing contributes. */
export function ablationFixture(seeds: readonly number[] = [1, 2, 3]): Result {
  return resultOf(ablationShapes, seeds);
}

function resultOf(methods: readonly MethodShape[], seeds: readonly number[]): Result {
  const result: Result = {
    schema: 'evenkeel.result/1',
    clock: { kind: 'instructions', nsPerInstruction: 6 },
    environment: {
      evenkeel: '0.1.0',
      hostCpus: 2,
      rtVms: 1,
      rtServer: 'vm',
      heavyVms: 2,
      kernels: 'backports',
      guestKernel: 'backports',
      hostMemoryMiB: 4096,
      guestMemoryMiB: 96,
      versions: { emulator: 'QEMU 10.0.3 (evenkeel 1)', 'QEMU on the host': '10.0.3' },
      hashes: { 'host.cpio': hash, 'guest.cpio': hash },
    },
    workload: {
      ...{ name: 'udp-echo', requests },
      ...{ minIntervalUs: 5000, maxIntervalUs: 20_000, requestBytes: 64 },
    },
    command: `evenkeel compare --methods ${methods.map(({ id }) => id).join(',')} --seeds ${seeds.join(',')} --requests ${requests}`,
    methods: methods.map((shape) => methodResult(shape, seeds)),
  };
  resultSchema.parse(result);
  return result;
}

function methodResult(shape: MethodShape, seeds: readonly number[]): MethodResult {
  const { id, title, kernel, settings } = shape;
  return {
    ...{ id, title, kernel, settings: [...settings] },
    runs: seeds.map((seed) => ({
      seed,
      artifacts: [{ path: `runs/${id}-${seed}/rt.pcap`, sha256: hash }],
    })),
    sections: {
      wire: wire.summarize(
        seeds.map((seed) => ({
          seed,
          figures: {
            samples: responseTimes(shape, seed).map((us, sequence) => ({
              ...{ server: '10.0.0.1', sequence, requestNs: asWireNs(0n) },
              responseTimeNs: asNs(BigInt(us) * 1000n),
            })),
            lost: seed === 3 ? 2 : 0,
          },
        })),
      ),
      throughput: throughput.summarize(
        seeds.map((seed) => {
          const mbps = shape.heavyMbps + (seed - 2) * 3.7;
          return { seed, figures: [mbps * 0.52, mbps * 0.48] };
        }),
      ),
      cpu: cpu.summarize(seeds.map((seed) => ({ seed, figures: cpuFigures(shape) }))),
    },
  };
}

function responseTimes(shape: MethodShape, seed: number): number[] {
  const random = generator(seed * 7919 + shape.baseUs);
  const outliers = seed === 3 ? (shape.outliersUs ?? []) : [];
  return Array.from({ length: requests }, (_, index) => {
    const body = shape.bodyUs * (random() + random() + random());
    const tail = random() < shape.tailShare ? -Math.log(1 - random()) * shape.tailUs : 0;
    return outliers[index] ?? Math.round(shape.baseUs + body + tail);
  });
}

function cpuFigures({ busy }: MethodShape) {
  const utilization = busy.reduce((total, one) => total + one, 0) / busy.length;
  return {
    cpuUtilization: utilization,
    cpuTime: busy.map((fraction, cpuNumber) => ({
      cpu: cpuNumber,
      guest: fraction * 0.34,
      user: fraction * 0.04,
      system: fraction * 0.33,
      softirq: fraction * 0.25,
      irq: fraction * 0.04,
      idle: 1 - fraction,
    })),
    threadClasses: [
      { class: 'RT vCPU', utilization: utilization * 0.03 },
      { class: 'RT vNIC', utilization: utilization * 0.02 },
      { class: 'RT interrupt thread', utilization: utilization * 0.02 },
      { class: 'heavy vCPU', utilization: utilization * 0.4 },
      { class: 'heavy vNIC', utilization: utilization * 0.24 },
      { class: 'non-RT interrupt thread', utilization: utilization * 0.22 },
      { class: 'other', utilization: utilization * 0.07 },
    ],
  };
}
