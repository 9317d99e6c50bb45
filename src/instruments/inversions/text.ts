import type { MethodName } from '../instrument.js';
import type { Inversion, InversionKind } from './find.js';
import type { InversionsSection } from './schema.js';

export const kinds: readonly {
  kind: InversionKind;
  name: string;
  verdict: (worst: Omit<Inversion, 'atUs'>) => string;
}[] = [
  {
    kind: 'softirq-lock',
    name: '(a) waits for the softirq lock',
    verdict: ({ victim, cpu }) => `${victim} waited for the softirq lock of CPU ${cpu}`,
  },
  {
    kind: 'preempted-softirq',
    name: '(b) RT work on a list of others',
    verdict: ({ victim, other, cpu }) =>
      `what ${victim} had scheduled on CPU ${cpu} was left to ${other}`,
  },
  {
    kind: 'non-rt-work',
    name: '(c) non-RT work at RT priority',
    verdict: ({ victim, other, cpu }) => `${victim} polled ${other} on CPU ${cpu}`,
  },
  {
    kind: 'lock',
    name: '(d) waits for locks of non-RT work',
    verdict: ({ victim, other, waitedIn, cpu }) =>
      `${victim} waited in ${waitedIn}() on CPU ${cpu} for ${other}`,
  },
];

/**
 * Renders, for each run, how often each priority inversion occurred, for how long in all and at most,
 * and the worst one of each kind.
 */
export function renderInversions(method: MethodName, { runs }: InversionsSection): string {
  return runs.map((run) => renderRun(method, run)).join('\n');
}

function renderRun(
  { id, kernel }: MethodName,
  { seed, rtScheduled, inversions }: InversionsSection['runs'][number],
): string {
  const lines = [
    `${id}, kernel ${kernel}, seed ${seed}: ${rtScheduled} times RT work was scheduled`,
    `  ${'inversion'.padEnd(34)}${'times'.padStart(8)}${'total, us'.padStart(12)}${'longest, us'.padStart(13)}`,
  ];
  for (const { kind, name, verdict } of kinds) {
    const found = inversions.filter((inversion) => inversion.kind === kind);
    const total = found.reduce((sum, { us }) => sum + us, 0);
    const worst = found.toSorted((a, b) => b.us - a.us)[0];
    lines.push(
      `  ${name.padEnd(34)}${`${found.length}`.padStart(8)}${total.toFixed(0).padStart(12)}${(worst?.us ?? 0).toFixed(0).padStart(13)}`,
    );
    if (worst !== undefined) lines.push(`      longest: ${verdict(worst)}`);
  }
  return `${lines.join('\n')}\n`;
}
