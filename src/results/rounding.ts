import type { CompareResult, Distribution, Figure, MethodResult, RunResult } from './schema.js';

/** Microseconds to the nanosecond, Mbit/s to the kbit/s. */
const figureDecimals = 3;
const fractionDecimals = 6;

/**
 * Rounds what was computed, so that the JSON is tidy and the last bits of floating point do not
 * show up as differences. What was configured or counted stays as it is.
 */
export function roundResult(result: CompareResult): CompareResult {
  return { ...result, methods: result.methods.map(roundMethod) };
}

function roundMethod(method: MethodResult): MethodResult {
  const { cpuUtilization, ...figures } = method.summary;
  return {
    ...method,
    runs: method.runs.map(roundRun),
    summary: {
      ...mapValues(figures, (figure) => roundFigure(figure, figureDecimals)),
      cpuUtilization: roundFigure(cpuUtilization, fractionDecimals),
    },
    distribution: roundDistribution(method.distribution),
  };
}

function roundRun(run: RunResult): RunResult {
  const roundFraction = (value: number) => round(value, fractionDecimals);
  return {
    ...run,
    responseTimeUs: mapValues(run.responseTimeUs, (value) => round(value, figureDecimals)),
    heavyMbps: round(run.heavyMbps, figureDecimals),
    heavyMbpsPerVm: run.heavyMbpsPerVm.map((mbps) => round(mbps, figureDecimals)),
    cpuUtilization: roundFraction(run.cpuUtilization),
    cpuTime: run.cpuTime.map((cpuTime) => mapValues(cpuTime, roundFraction)),
    threadClasses: run.threadClasses.map((threadClass) => ({
      ...threadClass,
      utilization: roundFraction(threadClass.utilization),
    })),
  };
}

function roundFigure({ value, ci95 }: Figure, decimals: number): Figure {
  return {
    value: round(value, decimals),
    ci95: ci95 && [round(ci95[0], decimals), round(ci95[1], decimals)],
  };
}

function roundDistribution(distribution: Distribution): Distribution {
  const percentiles = distribution.percentiles.map(({ fraction, us }) => ({
    fraction,
    us: round(us, figureDecimals),
  }));
  return { ...distribution, percentiles };
}

export function round(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}

function mapValues<Key extends string, From, To>(
  record: Readonly<Record<Key, From>>,
  map: (value: From) => To,
): Record<Key, To> {
  const entries = Object.entries<From>(record).map(([key, value]) => [key, map(value)]);
  return Object.fromEntries(entries) as Record<Key, To>;
}
