import type { GoalVerdict } from '../results/goals.js';

/** Renders what became of the goals as a Markdown table. */
export function renderGoals(verdicts: readonly GoalVerdict[]): string {
  const rows = verdicts.map(({ figure, reference, bound, ratio, interval, holds }) => [
    `${figure} ${bound.kind} ${digits(bound.ratio)} of ${reference}`,
    interval === null ? digits(ratio) : `${digits(ratio)} [${interval.map(digits).join(', ')}]`,
    holds ? 'holds' : 'missed',
  ]);
  return ['| goal for outsourcing | measured | |', '|---|---:|---|']
    .concat(rows.map((cells) => `| ${cells.join(' | ')} |`))
    .map((line) => `${line}\n`)
    .join('');
}

/** Three significant digits, without trailing zeros. */
function digits(ratio: number): string {
  return `${Number(ratio.toPrecision(3))}`;
}
