import type { Spread } from '../../../src/instruments/path/schema.ts';
import { isResolved } from '../../../src/statistics/resolution.ts';
import { formatTick, formatUs } from '../format.ts';
import type { MethodSection } from '../method-section.ts';
import { BottomAxis, bottomAxisHeight } from './axis.tsx';
import { Chart } from './chart.tsx';
import { groupTops } from './group-tops.ts';
import { Legend } from './legend.tsx';
import { labelledTicks, logScale, logTicks, type Scale } from './scale.ts';
import { segmentKeys, timeOf } from './segments.ts';

const leftMargin = 16;
/** Room for the standard deviation that stands after a line. */
const rightMargin = 88;
const titleHeight = 22;
const rowHeight = 16;
const labelWidth = 52;

type Method = MethodSection<'path'>;

/** How much the time in each segment varies: for each method a line from the mean to the 99th percentile. */
export function SegmentSpreadChart({ methods }: { methods: readonly Method[] }) {
  const groups = segmentKeys(methods).map(({ label }) => ({
    label,
    rows: methods.flatMap(({ id, title, color, section }) => {
      const time = timeOf(section, label);
      return time === undefined || time.mean <= 0 ? [] : [{ id, title, color, time }];
    }),
  }));
  const times = groups.flatMap(({ rows }) => rows.flatMap(({ time }) => [time.mean, endOf(time)]));
  const ticks = times.length === 0 ? [1, 2] : logTicks(Math.min(...times), Math.max(...times));
  const tops = groupTops(groups.map(({ rows }) => titleHeight + rows.length * rowHeight));
  const bottom = tops.at(-1) ?? 0;
  return (
    <Chart
      title="Spread of the time in each segment"
      caption="Dot: mean over the requests; the line ends at the 99th percentile, where there are requests enough to tell it; the number is the standard deviation (SD). The axis is logarithmic."
      description={groups
        .map(({ label, rows }) => `${label}: ${rows.map(describe).join(', ')}`)
        .join('; ')}
      height={bottom + bottomAxisHeight}
      legend={<Legend entries={methods.map(({ title, color }) => ({ label: title, color }))} />}
    >
      {(width) => {
        const x = logScale([ticks[0] ?? 1, ticks.at(-1) ?? 10], [leftMargin, width - rightMargin]);
        return (
          <>
            <BottomAxis
              scale={x}
              ticks={labelledTicks(ticks, width / labelWidth)}
              format={formatTick}
              title="time in the segment (µs), logarithmic"
              grid={[0, bottom]}
            />
            {groups.map(({ label, rows }, index) => (
              <g key={label} transform={`translate(0 ${tops[index]})`}>
                <text class="label" x={leftMargin} y={14}>
                  {label}
                </text>
                {rows.map(({ id, title, color, time }, row) => (
                  <g
                    key={id}
                    transform={`translate(0 ${titleHeight + (row + 0.5) * rowHeight})`}
                    stroke={color}
                    fill={color}
                  >
                    <title>{describe({ title, time })}</title>
                    <SpreadLine time={time} x={x} />
                  </g>
                ))}
              </g>
            ))}
          </>
        );
      }}
    </Chart>
  );
}

/** The 99th percentile, or the mean where the requests do not resolve it. */
function endOf({ mean, p99, n }: Spread): number {
  return isResolved(0.99, n) ? Math.max(mean, p99) : mean;
}

function describe({ title, time }: { title: string; time: Spread }): string {
  const p99 = isResolved(0.99, time.n) ? `, 99th percentile ${formatUs(time.p99)} µs` : '';
  return `${title}: mean ${formatUs(time.mean)} µs, SD ${formatUs(time.sd)} µs${p99}`;
}

function SpreadLine({ time, x }: { time: Spread; x: Scale }) {
  const [from, to] = [x.at(time.mean), x.at(endOf(time))];
  return (
    <>
      <path class="spread" d={`M${from.toFixed(2)} 0H${to.toFixed(2)}M${to.toFixed(2)} -4V4`} />
      <circle cx={from} r={4} />
      <text class="annotation" x={to + 8} dy="0.35em">
        SD {formatUs(time.sd)}
      </text>
    </>
  );
}
