import type { MethodName } from '../instrument.js';
import { seedsText, textRows } from '../text-row.js';
import type { PathSection, ProbeCost, Spread } from './schema.js';

const row = textRows({ name: 46, figure: 10 });

/** Renders the mean and spread of each segment of a request's way and of its steps. */
export function renderPath({ id, kernel }: MethodName, section: PathSection): string {
  const { seeds, response, followed, exitsPerRequest, recordsPerRequest } = section;
  const lines = [
    `${id}, kernel ${kernel}, ${seedsText(seeds)}: ` +
      `${followed} of ${response.n} requests were seen at every point`,
    ...incompleteness(section),
    `  ${exitsPerRequest.toFixed(1)} VM exits and ${recordsPerRequest.toFixed(1)} time-stamps per request`,
    row('', ['mean, us', 'SD, us', 'p99, us']),
  ];
  for (const { segment, time, steps } of section.segments) {
    lines.push(row(segment, figures(time)));
    for (const { step, time: stepTime } of steps) lines.push(row(`  ${step}`, figures(stepTime)));
  }
  lines.push(
    row('sum of the segments', [decimal(section.sumOfSegments)]),
    row('response time at the wire, all requests', figures(response)),
    ...section.costs.map(renderCost),
  );
  return `${lines.join('\n')}\n`;
}

/** What the figures leave out or take from elsewhere, a line each. */
function incompleteness(section: PathSection): string[] {
  const { withoutInterrupt, notFollowed, lost, dropped } = section;
  return [
    ...(withoutInterrupt === 0
      ? []
      : [
          `  of these without an interrupt of their own, as a poll was due already: ${withoutInterrupt}`,
        ]),
    ...notFollowed.map(({ point, requests }) => `  not seen at "${point}": ${requests}`),
    ...(lost === 0 ? [] : [`  not answered: ${lost}`]),
    ...(dropped === 0 ? [] : [`  time-stamps without room for them: ${dropped}`]),
  ];
}

function figures({ mean, ci95, sd, p99 }: Spread): string[] {
  const interval = ci95 === null ? [] : [`  [${ci95.map(decimal).join(', ')}]`];
  return [...[mean, sd, p99].map(decimal), ...interval];
}

function renderCost({ points, addedPerRequest, addedPerRecord, n }: ProbeCost): string {
  const cost = ({ mean, ci95 }: ProbeCost['addedPerRequest']) =>
    `${mean.toFixed(2)} us [${ci95.map((bound) => bound.toFixed(2)).join(', ')}]`;
  return (
    `  ${points} probes: ${cost(addedPerRequest)} more response time, ` +
    `${cost(addedPerRecord)} a time-stamp, n = ${n}`
  );
}

function decimal(value: number): string {
  return value.toFixed(1);
}
