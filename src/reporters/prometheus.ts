import { Gauge, Registry } from 'prom-client';
import type { Result } from '../results/schema.js';

/**
 * The figures of a comparison for the textfile collector of Prometheus' node_exporter, in the text format
 * 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). Whoever writes the file must rename
 * it into its place: the collector may read it at any moment.
 *
 * Names and units are as https://prometheus.io/docs/practices/naming/ asks: seconds, bytes and ratios. All
 * are gauges: they are figures of a finished measurement, and those of the next one may be lower. For the
 * same reason percentiles are gauges of their own, and no summary with quantiles. `promtool check metrics`
 * finds nothing to say about them.
 */

/** Figures of one method, over all its seeds. */
export interface PrometheusMethod {
  /** e.g. `outsourcing` */
  readonly id: string;
  /** Of the response time at the wire; they are left out of the file if `n` is 0. */
  readonly meanUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** The sample standard deviation. */
  readonly sdUs: number;
  /** Requests that were answered. */
  readonly n: number;
  /** Requests that were not. */
  readonly lost: number;
  /** TCP payload that the Heavy Receivers took in, Mbit/s. */
  readonly heavyMbps: number;
  /** Busy fraction of the host's CPUs, 0 to 1. */
  readonly cpuUtilization: number;
}

export interface PrometheusInput {
  /** Of Evenkeel. */
  readonly version: string;
  /** The clock of all figures, e.g. `instructions`. */
  readonly clock: string;
  readonly methods: readonly PrometheusMethod[];
}

interface Metric {
  readonly name: string;
  readonly help: string;
  /** Undefined if the method has no such figure. */
  readonly figureOf: (method: PrometheusMethod) => number | undefined;
}

const usPerSecond = 1e6;
const bytesPerMbit = 1e6 / 8;

const metrics: readonly Metric[] = [
  responseTime('mean', 'Mean response time at the wire.', ({ meanUs }) => meanUs),
  responseTime('p50', 'Median of the response time at the wire.', ({ p50Us }) => p50Us),
  responseTime('p99', '99th percentile of the response time at the wire.', ({ p99Us }) => p99Us),
  responseTime(
    'stddev',
    'Standard deviation of the response time at the wire.',
    ({ sdUs }) => sdUs,
  ),
  {
    name: 'evenkeel_requests_answered',
    help: 'Requests that were answered, of all seeds.',
    figureOf: ({ n }) => n,
  },
  {
    name: 'evenkeel_requests_lost',
    help: 'Requests that were not answered, of all seeds.',
    figureOf: ({ lost }) => lost,
  },
  {
    name: 'evenkeel_bulk_receive_bytes_per_second',
    help: 'TCP payload that the Heavy Receivers took in, mean over the seeds.',
    figureOf: ({ heavyMbps }) => heavyMbps * bytesPerMbit,
  },
  {
    name: 'evenkeel_host_cpu_utilization_ratio',
    help: "Busy fraction of the host's CPUs, mean over the seeds.",
    figureOf: ({ cpuUtilization }) => cpuUtilization,
  },
];

function responseTime(
  figure: string,
  help: string,
  usOf: (method: PrometheusMethod) => number,
): Metric {
  return {
    name: `evenkeel_response_time_${figure}_seconds`,
    help,
    figureOf: (method) => (method.n === 0 ? undefined : seconds(usOf(method))),
  };
}

/** Without the last bits of floating point, which the division by a million would make visible. */
function seconds(us: number): number {
  return Number((us / usPerSecond).toPrecision(12));
}

/** Renders figures in Prometheus' text format; a promise, because prom-client's registry gives one. */
export async function renderPrometheus({
  version,
  clock,
  methods,
}: PrometheusInput): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  new Gauge({
    name: 'evenkeel_measurement_info',
    help: 'Always 1; the labels say which Evenkeel measured, and on which clock.',
    labelNames: ['version', 'clock'],
    registers,
  }).set({ version, clock }, 1);
  for (const { name, help, figureOf } of metrics) {
    const gauge = new Gauge({ name, help, labelNames: ['method', 'clock'], registers });
    for (const method of methods) {
      const value = figureOf(method);
      if (value !== undefined) gauge.set({ method: method.id, clock }, value);
    }
  }
  return registry.metrics();
}

/** What of a result is for Prometheus: the methods that have response times, throughput and CPU time. */
export function prometheusInput({ environment, clock, methods }: Result): PrometheusInput {
  return {
    version: environment.evenkeel,
    clock: clock.kind,
    methods: methods.flatMap(({ id, sections: { wire, throughput, cpu } }) => {
      if (wire === undefined || throughput === undefined || cpu === undefined) return [];
      const { mean, p50, p99, sd, n, lost } = wire.summary;
      return [
        {
          id,
          ...{ meanUs: mean.value, p50Us: p50.value, p99Us: p99.value, sdUs: sd.value },
          ...{ n: n.value, lost: lost.value },
          heavyMbps: throughput.mbps.value,
          cpuUtilization: cpu.utilization.value,
        },
      ];
    }),
  };
}
