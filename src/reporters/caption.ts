import type { WireSection } from '../instruments/wire/schema.js';
import { paperCitation } from '../methods/paper.js';
import type { Clock } from '../plan/clock.js';
import type { MethodResult, Result } from '../results/schema.js';
import type { Environment } from '../run-folder/environment.js';
import { isShown, samplesNeeded } from '../statistics/resolution.js';
import { plannedWorkload } from '../workloads/registry.js';

/** What a reader needs to know about a comparison table, a line each. */
export function captionLines(result: Result): string[] {
  const { clock, environment, workload, methods } = result;
  const seeds = new Set(methods.flatMap((method) => method.runs.map(({ seed }) => seed)));
  const lines = [
    `Clock: ${describeClock(clock)}. Seeds: ${[...seeds].join(', ')}. ` +
      `${requestsOf(workload)} requests per seed. Host CPUs: ${environment.hostCpus}. ` +
      describeServers(environment),
    'Response times are those at the wire, of all seeds pooled; n and lost are totals, the rest are means over seeds.',
  ];
  const hidden = hiddenPercentiles(methods);
  if (hidden.length > 0) {
    lines.push(
      `"-" for ${hidden.join(', ')}: fewer than ${samplesNeeded} responses are at or above it, too few to tell.`,
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
    .filter(([, figure]) => methods.some(({ sections }) => isHidden(figure, sections.wire)))
    .map(([title]) => title);
}

function isHidden(figure: string, wire: WireSection | undefined): boolean {
  return wire !== undefined && !isShown(figure, wire.summary.n.value);
}

/** Of each Critical RT server. */
function requestsOf(workload: Result['workload']): number {
  return plannedWorkload(workload).requests;
}

function describeServers({ rtServer, rtVms, heavyVms }: Environment): string {
  return rtServer === 'vm'
    ? `VMs: ${rtVms} RT, ${heavyVms} heavy.`
    : `RT servers: ${rtVms} (${rtServer}). VMs: ${heavyVms} heavy.`;
}

function describeClock({ kind, nsPerInstruction }: Clock): string {
  return nsPerInstruction === null ? kind : `${kind}, ${nsPerInstruction} ns each`;
}
