import { paperCitation } from '../methods/paper.js';
import type { Clock, CompareResult, Environment, MethodResult } from '../results/schema.js';
import { isShown, samplesAbove } from '../statistics/resolution.js';

/** What a reader needs to know about a comparison table, a line each. */
export function captionLines(result: CompareResult): string[] {
  const { clock, environment, load, methods } = result;
  const seeds = new Set(methods.flatMap((method) => method.runs.map(({ seed }) => seed)));
  const lines = [
    `Clock: ${describeClock(clock)}. Seeds: ${[...seeds].join(', ')}. ` +
      `${load.requests} requests per seed. Host CPUs: ${environment.hostCpus}. ` +
      describeServers(environment),
    'Response times are those at the wire, of all seeds pooled; n and lost are totals, the rest are means over seeds.',
  ];
  const hidden = hiddenPercentiles(methods);
  if (hidden.length > 0) {
    lines.push(
      `"-" for ${hidden.join(', ')}: fewer than ${samplesAbove} responses are above it, too few to tell.`,
    );
  }
  if (environment.guestKernel !== environment.kernels) {
    lines.push(
      `Kernel of the VMs: ${environment.guestKernel}, ${environment.versions['guest kernel']}.`,
    );
  }
  if (seeds.size > 1) {
    lines.push('[lo, hi] is the 95 % bootstrap confidence interval over seeds.');
  }
  lines.push(
    `Paper: ${paperCitation}; measured on hardware in 2018, for reference, not for comparison.`,
  );
  return lines;
}

/** The percentiles that the responses of some method do not resolve. */
function hiddenPercentiles(methods: readonly MethodResult[]): string[] {
  const percentiles = [
    ['p50', 'p50'],
    ['p99', 'p99'],
    ['p99.9', 'p999'],
  ] as const;
  return percentiles
    .filter(([, figure]) => methods.some(({ summary }) => !isShown(figure, summary.n.value)))
    .map(([title]) => title);
}

function describeServers({ rtServer, rtVms, heavyVms }: Environment): string {
  return rtServer === 'vm'
    ? `VMs: ${rtVms} RT, ${heavyVms} heavy.`
    : `RT servers: ${rtVms} (${rtServer}). VMs: ${heavyVms} heavy.`;
}

function describeClock({ kind, nsPerInstruction }: Clock): string {
  return nsPerInstruction === null ? kind : `${kind}, ${nsPerInstruction} ns each`;
}
