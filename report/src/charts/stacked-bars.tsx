import { BottomAxis, bottomAxisHeight } from './axis.tsx';
import { Chart } from './chart.tsx';
import { groupTops } from './group-tops.ts';
import { Legend } from './legend.tsx';
import { linearScale, linearTicks, type Scale } from './scale.ts';

/** What a bar is made of, in the order in which its parts are stacked. */
export interface StackedKey {
  readonly label: string;
  readonly color: string;
}

export interface StackedRow {
  readonly label: string;
  /** One value for each key. */
  readonly parts: readonly number[];
}

export interface StackedGroup {
  readonly title: string;
  readonly rows: readonly StackedRow[];
}

/** What the lengths of the bars are. */
export interface Measure {
  readonly axisTitle: string;
  /** Of the axis's numbers. */
  readonly formatTick: (value: number) => string;
  /** Of the total after a bar, and of its parts. */
  readonly format: (value: number) => string;
  /** What a whole bar is, whose rest is an empty track; without it, the axis ends after the longest bar. */
  readonly whole?: number;
}

interface StackedBarsProps {
  title: string;
  caption: string;
  measure: Measure;
  keys: readonly StackedKey[];
  groups: readonly StackedGroup[];
}

const leftMargin = 64;
/** Room for the total that stands after a bar. */
const rightMargin = 64;
const titleHeight = 22;
const barHeight = 16;
const rowHeight = barHeight + 4;

/** Horizontal bars of parts, grouped under titles. */
export function StackedBars(props: StackedBarsProps) {
  const { title, caption, measure, keys, groups } = props;
  const tops = groupTops(groups.map(({ rows }) => titleHeight + rows.length * rowHeight));
  const bottom = tops.at(-1) ?? 0;
  return (
    <Chart
      title={title}
      caption={caption}
      description={groups.map((group) => describeGroup(group, measure)).join('; ')}
      height={bottom + bottomAxisHeight}
      legend={<Legend entries={keys} />}
    >
      {(width) => {
        const ticks = ticksOf(measure, groups, width);
        const end = ticks.at(-1) ?? 1;
        const x = linearScale([0, end], [leftMargin, width - rightMargin]);
        return (
          <>
            <BottomAxis
              scale={x}
              ticks={ticks}
              format={measure.formatTick}
              title={measure.axisTitle}
              grid={[0, bottom]}
            />
            {groups.map((group, index) => (
              <g key={group.title} transform={`translate(0 ${tops[index]})`}>
                <Group group={group} keys={keys} measure={measure} x={x} />
              </g>
            ))}
          </>
        );
      }}
    </Chart>
  );
}

function ticksOf({ whole }: Measure, groups: readonly StackedGroup[], width: number): number[] {
  if (whole !== undefined) return [0, 0.25, 0.5, 0.75, 1].map((fraction) => fraction * whole);
  const totals = groups.flatMap(({ rows }) => rows.map(totalOf));
  return linearTicks(Math.max(...totals), Math.max(3, Math.floor(width / 120)));
}

function describeGroup({ title, rows }: StackedGroup, { format }: Measure): string {
  const totals = rows.map((row) => `${row.label} ${format(totalOf(row))}`);
  return `${title}: ${totals.join(', ')}`;
}

function totalOf({ parts }: StackedRow): number {
  return parts.reduce((total, part) => total + part, 0);
}

interface GroupProps {
  group: StackedGroup;
  keys: readonly StackedKey[];
  measure: Measure;
  x: Scale;
}

function Group({ group, keys, measure, x }: GroupProps) {
  return (
    <>
      <text class="label" x={leftMargin} y={14}>
        {group.title}
      </text>
      {group.rows.map((row, index) => (
        <g key={row.label} transform={`translate(0 ${titleHeight + index * rowHeight})`}>
          <Bar row={row} keys={keys} measure={measure} x={x} />
        </g>
      ))}
    </>
  );
}

interface BarProps {
  row: StackedRow;
  keys: readonly StackedKey[];
  measure: Measure;
  x: Scale;
}

function Bar({ row, keys, measure: { format, whole }, x }: BarProps) {
  const [left, right] = x.range;
  const middle = barHeight / 2;
  let start = 0;
  const segments = keys.map(({ label, color }, index) => {
    const part = row.parts[index] ?? 0;
    const [from, to] = [x.at(start), x.at(start + part)];
    start += part;
    return (
      <rect key={label} x={from} width={to - from} height={barHeight} fill={color}>
        <title>{`${label}: ${format(part)}`}</title>
      </rect>
    );
  });
  return (
    <>
      <text class="row-label" x={left - 8} y={middle} dy="0.35em" text-anchor="end">
        {row.label}
      </text>
      {whole !== undefined && (
        <rect class="track" x={left} width={right - left} height={barHeight} />
      )}
      {segments}
      <text x={(whole === undefined ? x.at(start) : right) + 8} y={middle} dy="0.35em">
        {format(totalOf(row))}
      </text>
    </>
  );
}
