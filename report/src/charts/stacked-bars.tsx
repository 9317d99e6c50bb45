import { formatPercent, formatTick } from '../format.ts';
import { BottomAxis, bottomAxisHeight } from './axis.tsx';
import { Chart } from './chart.tsx';
import { Legend } from './legend.tsx';
import { linearScale, type Scale } from './scale.ts';

/** What a bar is made of, in the order in which its parts are stacked. */
export interface StackedKey {
  readonly label: string;
  readonly color: string;
}

export interface StackedRow {
  readonly label: string;
  /** One fraction from 0 to 1 for each key; together they are at most 1. */
  readonly parts: readonly number[];
}

export interface StackedGroup {
  readonly title: string;
  readonly rows: readonly StackedRow[];
}

interface StackedBarsProps {
  title: string;
  caption: string;
  axisTitle: string;
  keys: readonly StackedKey[];
  groups: readonly StackedGroup[];
}

const leftMargin = 64;
/** Room for the total that stands after a bar. */
const rightMargin = 64;
const titleHeight = 22;
const barHeight = 16;
const rowHeight = barHeight + 4;
const groupGap = 6;

/** Horizontal bars from 0 to 100 %, grouped under titles; the rest of a bar is an empty track. */
export function StackedBars(props: StackedBarsProps) {
  const { title, caption, axisTitle, keys, groups } = props;
  const tops = groupTops(groups);
  const bottom = tops.at(-1) ?? 0;
  return (
    <Chart
      title={title}
      caption={caption}
      description={groups.map(describeGroup).join('; ')}
      height={bottom + bottomAxisHeight}
      legend={<Legend entries={keys} />}
    >
      {(width) => {
        const x = linearScale([0, 1], [leftMargin, width - rightMargin]);
        return (
          <>
            <BottomAxis
              scale={x}
              ticks={[0, 0.25, 0.5, 0.75, 1]}
              format={(fraction) => formatTick(fraction * 100)}
              title={axisTitle}
              grid={[0, bottom]}
            />
            {groups.map((group, index) => (
              <g key={group.title} transform={`translate(0 ${tops[index]})`}>
                <Group group={group} keys={keys} x={x} />
              </g>
            ))}
          </>
        );
      }}
    </Chart>
  );
}

/** Where each group begins, and after them where the last one ends. */
function groupTops(groups: readonly StackedGroup[]): number[] {
  const tops = [0];
  for (const { rows } of groups) {
    tops.push((tops.at(-1) ?? 0) + titleHeight + rows.length * rowHeight + groupGap);
  }
  return tops;
}

function describeGroup({ title, rows }: StackedGroup): string {
  const totals = rows.map((row) => `${row.label} ${formatPercent(totalOf(row))} %`);
  return `${title}: ${totals.join(', ')}`;
}

function totalOf({ parts }: StackedRow): number {
  return parts.reduce((total, part) => total + part, 0);
}

interface GroupProps {
  group: StackedGroup;
  keys: readonly StackedKey[];
  x: Scale;
}

function Group({ group, keys, x }: GroupProps) {
  return (
    <>
      <text class="label" x={leftMargin} y={14}>
        {group.title}
      </text>
      {group.rows.map((row, index) => (
        <g key={row.label} transform={`translate(0 ${titleHeight + index * rowHeight})`}>
          <Bar row={row} keys={keys} x={x} />
        </g>
      ))}
    </>
  );
}

function Bar({ row, keys, x }: { row: StackedRow; keys: readonly StackedKey[]; x: Scale }) {
  const [left, right] = x.range;
  const middle = barHeight / 2;
  let start = 0;
  const segments = keys.map(({ label, color }, index) => {
    const part = row.parts[index] ?? 0;
    const [from, to] = [x.at(start), x.at(start + part)];
    start += part;
    return (
      <rect key={label} x={from} width={to - from} height={barHeight} fill={color}>
        <title>{`${label}: ${formatPercent(part)} %`}</title>
      </rect>
    );
  });
  return (
    <>
      <text class="row-label" x={left - 8} y={middle} dy="0.35em" text-anchor="end">
        {row.label}
      </text>
      <rect class="track" x={left} width={right - left} height={barHeight} />
      {segments}
      <text x={right + 8} y={middle} dy="0.35em">
        {formatPercent(totalOf(row))} %
      </text>
    </>
  );
}
