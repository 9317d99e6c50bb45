import {
  type CompareResult,
  compareResultSchema,
  type Figure,
  type FigureName,
  type MethodResult,
  type RunResult,
} from '../../src/results/schema.js';

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
];

const requests = 1000;
const hash = 'c0ffee'.repeat(11).slice(0, 64);

/** A plausible result; with one seed it has no confidence intervals. */
export function compareResultFixture(seeds: readonly number[] = [1, 2, 3]): CompareResult {
  return compareResultSchema.parse({
    schema: 'evenkeel.compare/1',
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
    load: { requests, minIntervalUs: 5000, maxIntervalUs: 20_000, requestBytes: 64 },
    command: `evenkeel compare --methods vanilla,threaded,exclusive,threaded-napi --seeds ${seeds.join(',')} --requests ${requests}`,
    methods: shapes.map((shape) => methodResult(shape, seeds)),
  } satisfies CompareResult);
}

function methodResult(shape: MethodShape, seeds: readonly number[]): MethodResult {
  const samples = seeds.map((seed) => responseTimes(shape, seed));
  const runs = seeds.map((seed, index) => run(shape, seed, samples[index] ?? []));
  const all = sorted(samples.flat());
  return {
    id: shape.id,
    title: shape.title,
    kernel: shape.kernel,
    settings: shape.settings,
    runs,
    summary: summary(all, runs),
    distribution: distribution(all),
  };
}

function responseTimes(shape: MethodShape, seed: number): number[] {
  const random = generator(seed * 7919 + shape.baseUs);
  return Array.from({ length: requests }, () => {
    const body = shape.bodyUs * (random() + random() + random());
    const tail = random() < shape.tailShare ? -Math.log(1 - random()) * shape.tailUs : 0;
    return Math.round(shape.baseUs + body + tail);
  });
}

/** A linear congruential generator: the fixture is the same on every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function run(shape: MethodShape, seed: number, samples: readonly number[]): RunResult {
  const heavyMbps = shape.heavyMbps + (seed - 2) * 3.7;
  const utilization = mean(shape.busy);
  return {
    seed,
    responseTimeUs: { ...statistics(sorted(samples)), lost: seed === 3 ? 2 : 0 },
    heavyMbps,
    cpuUtilization: utilization,
    heavyMbpsPerVm: [heavyMbps * 0.52, heavyMbps * 0.48],
    cpuTime: shape.busy.map((busy, cpu) => ({
      cpu,
      guest: busy * 0.34,
      user: busy * 0.04,
      system: busy * 0.33,
      softirq: busy * 0.25,
      irq: busy * 0.04,
      idle: 1 - busy,
    })),
    threadClasses: [
      { class: 'RT vCPU', utilization: utilization * 0.03 },
      { class: 'RT vNIC', utilization: utilization * 0.02 },
      { class: 'RT interrupt thread', utilization: utilization * 0.02 },
      { class: 'heavy vCPU', utilization: utilization * 0.4 },
      { class: 'heavy vNIC', utilization: utilization * 0.24 },
      { class: 'heavy interrupt thread', utilization: utilization * 0.22 },
      { class: 'other', utilization: utilization * 0.07 },
    ],
    artifacts: [{ path: `runs/${shape.id}-${seed}/rt.pcap`, sha256: hash }],
  };
}

function summary(all: readonly number[], runs: readonly RunResult[]): MethodResult['summary'] {
  const pooled = statistics(all);
  const figure = (value: number, ofRun: (run: RunResult) => number): Figure => {
    const values = sorted(runs.map(ofRun));
    return { value, ci95: values.length < 2 ? null : [values[0] ?? 0, values.at(-1) ?? 0] };
  };
  const ofResponses = (name: Exclude<FigureName, 'heavyMbps' | 'cpuUtilization' | 'lost'>) =>
    figure(pooled[name], (run) => run.responseTimeUs[name]);
  const lost = runs.reduce((total, run) => total + run.responseTimeUs.lost, 0);
  return {
    mean: ofResponses('mean'),
    p50: ofResponses('p50'),
    p99: ofResponses('p99'),
    p999: ofResponses('p999'),
    max: ofResponses('max'),
    sd: ofResponses('sd'),
    n: ofResponses('n'),
    lost: figure(lost, (run) => run.responseTimeUs.lost),
    heavyMbps: figure(mean(runs.map((run) => run.heavyMbps)), (run) => run.heavyMbps),
    cpuUtilization: figure(
      mean(runs.map((run) => run.cpuUtilization)),
      (run) => run.cpuUtilization,
    ),
  };
}

function statistics(ascending: readonly number[]) {
  const average = mean(ascending);
  const squares = ascending.reduce((total, value) => total + (value - average) ** 2, 0);
  return {
    n: ascending.length,
    mean: average,
    p50: percentile(ascending, 0.5),
    p99: percentile(ascending, 0.99),
    p999: percentile(ascending, 0.999),
    max: ascending.at(-1) ?? 0,
    sd: Math.sqrt(squares / (ascending.length - 1)),
  };
}

function distribution(ascending: readonly number[]): MethodResult['distribution'] {
  const binUs = 10;
  const fromUs = 500;
  const counts = new Array<number>(Math.floor(((ascending.at(-1) ?? 0) - fromUs) / binUs) + 1).fill(
    0,
  );
  for (const value of ascending) {
    const bin = Math.floor((value - fromUs) / binUs);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const fractions = [...Array.from({ length: 99 }, (_, index) => index / 100)];
  fractions.push(0.99, 0.993, 0.995, 0.997, 0.998, 0.999, 0.9995, 1);
  return {
    binUs,
    fromUs,
    counts,
    percentiles: fractions.map((fraction) => ({ fraction, us: percentile(ascending, fraction) })),
  };
}

function percentile(ascending: readonly number[], fraction: number): number {
  return ascending[Math.max(0, Math.ceil(fraction * ascending.length) - 1)] ?? 0;
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}
