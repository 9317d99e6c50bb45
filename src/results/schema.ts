import { z } from 'zod';
import { rtServerPlaces } from '../plan/topology.js';

/**
 * The result of a comparison, `evenkeel.compare/1`. Two comparisons of the same seeds, images and
 * options on the instruction clock are byte-identical, so nothing in here depends on the machine
 * that runs the emulator, on the wall clock or on an absolute path.
 *
 * Units: response times are microseconds at the wire, throughput is Mbit/s of TCP payload,
 * utilisation is a fraction from 0 to 1 of the host's CPUs.
 */

const fraction = z.number().min(0).max(1);
const count = z.int().nonnegative();
/** Safe in a command line, of which it becomes a part. */
const seriesName = z.string().regex(/^[A-Za-z0-9][\w.+-]{0,63}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const clockSchema = z.strictObject({
  kind: z.enum(['instructions', 'wall-emulated', 'hardware']),
  /** Virtual nanoseconds that one instruction of one host CPU takes; null on other clocks. */
  nsPerInstruction: z.number().positive().nullable(),
});

/** One setting of a method, as it was asked for and as it was read back after it was applied. */
export const settingSchema = z.strictObject({
  /** What it is about, e.g. `thread irq/26-enp0s2`. */
  target: z.string(),
  /** What was asked for, e.g. `SCHED_FIFO 50`. */
  wanted: z.string(),
  /** What was read back. */
  actual: z.string(),
  why: z.string(),
});

/** Exact statistics over the raw samples; percentiles are nearest-rank, `sd` is the sample SD. */
export const responseTimeSchema = z.strictObject({
  n: count,
  lost: count,
  mean: z.number().nonnegative(),
  p50: z.number().nonnegative(),
  p99: z.number().nonnegative(),
  p999: z.number().nonnegative(),
  max: z.number().nonnegative(),
  sd: z.number().nonnegative(),
});

/** Where one host CPU's time went, as fractions of the measured window (from /proc/stat). */
export const cpuTimeSchema = z.strictObject({
  cpu: count,
  user: fraction,
  system: fraction,
  irq: fraction,
  softirq: fraction,
  guest: fraction,
  idle: fraction,
});

/** CPU time of one class of threads, summed over threads, as a fraction of all host CPUs. */
export const threadClassTimeSchema = z.strictObject({
  /** e.g. `RT vCPU`, `heavy vNIC`, `RT interrupt thread`, `other`. */
  class: z.string(),
  utilization: fraction,
});

export const artifactSchema = z.strictObject({
  /** Path relative to the result file. */
  path: z.string(),
  sha256,
});

export const runSchema = z.strictObject({
  seed: count,
  responseTimeUs: responseTimeSchema,
  /** Sum over the Heavy Receivers. */
  heavyMbps: z.number().nonnegative(),
  /** Busy fraction of the host's CPUs. */
  cpuUtilization: fraction,
  heavyMbpsPerVm: z.array(z.number().nonnegative()),
  cpuTime: z.array(cpuTimeSchema),
  threadClasses: z.array(threadClassTimeSchema),
  artifacts: z.array(artifactSchema),
});

/** The figures of the table, in its order. */
export const figureNames = [
  'mean',
  'p50',
  'p99',
  'p999',
  'max',
  'sd',
  'n',
  'lost',
  'heavyMbps',
  'cpuUtilization',
] as const;
export type FigureName = (typeof figureNames)[number];

/** Value over all seeds, and its 95 % bootstrap confidence interval over seeds (null: one seed). */
export const figureSchema = z.strictObject({
  value: z.number(),
  ci95: z.tuple([z.number(), z.number()]).nullable(),
});

/** Response times of all seeds as a histogram: `counts[i]` lie in [fromUs + i*binUs, +binUs). */
export const distributionSchema = z.strictObject({
  binUs: z.number().positive(),
  fromUs: z.number().nonnegative(),
  counts: z.array(count),
  /** Points of the percentile plot: fraction of samples and the response time that bounds them. */
  percentiles: z.array(z.strictObject({ fraction, us: z.number().nonnegative() })),
});

export const methodResultSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  kernel: z.string(),
  settings: z.array(settingSchema),
  runs: z.array(runSchema).min(1),
  summary: z.strictObject(
    Object.fromEntries(figureNames.map((name) => [name, figureSchema])) as Record<
      FigureName,
      typeof figureSchema
    >,
  ),
  distribution: distributionSchema,
});

export const environmentSchema = z.strictObject({
  evenkeel: z.string(),
  /** CPUs of the emulated (or real) host that run VMs; the load generator's CPU is not counted. */
  hostCpus: count,
  rtVms: count,
  heavyVms: count,
  /** Where the Critical RT servers run: one in each RT VM, or as many on the host or in network namespaces of it. */
  rtServer: z.enum(rtServerPlaces),
  /**
   * Series of the host's kernels and of the guests', which `--kernels` and `--guest-kernel` have as choices. Any
   * name is read: another version of this program has other series. What was installed is in `versions`.
   */
  kernels: seriesName,
  guestKernel: seriesName,
  hostMemoryMiB: count,
  guestMemoryMiB: count,
  /** Version of each part: emulator, QEMU on the host, kernels. */
  versions: z.record(z.string(), z.string()),
  /** SHA-256 of each image that took part. */
  hashes: z.record(z.string(), sha256),
});

export const loadSchema = z.strictObject({
  requests: count,
  minIntervalUs: count,
  maxIntervalUs: count,
  /** Bytes of UDP payload in a request and in its response. */
  requestBytes: count,
});

export const compareResultSchema = z.strictObject({
  schema: z.literal('evenkeel.compare/1'),
  clock: clockSchema,
  environment: environmentSchema,
  load: loadSchema,
  /** The command that repeats this comparison. */
  command: z.string(),
  methods: z.array(methodResultSchema).min(1),
});

export type Clock = z.infer<typeof clockSchema>;
export type AppliedSetting = z.infer<typeof settingSchema>;
export type ResponseTime = z.infer<typeof responseTimeSchema>;
export type CpuTime = z.infer<typeof cpuTimeSchema>;
export type ThreadClassTime = z.infer<typeof threadClassTimeSchema>;
export type Artifact = z.infer<typeof artifactSchema>;
export type RunResult = z.infer<typeof runSchema>;
export type Figure = z.infer<typeof figureSchema>;
export type Distribution = z.infer<typeof distributionSchema>;
export type MethodResult = z.infer<typeof methodResultSchema>;
export type Environment = z.infer<typeof environmentSchema>;
export type Load = z.infer<typeof loadSchema>;
export type CompareResult = z.infer<typeof compareResultSchema>;
