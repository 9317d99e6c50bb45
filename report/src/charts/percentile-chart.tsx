import type { Distribution } from '../../../src/statistics/distribution.ts';
import { isResolved, samplesNeeded } from '../../../src/statistics/resolution.ts';
import { formatPercentile, formatTick, formatUs } from '../format.ts';
import type { MethodSection } from '../method-section.ts';
import { BottomAxis, bottomAxisHeight, LeftAxis } from './axis.tsx';
import { Chart } from './chart.tsx';
import { nines, percentileTicks } from './percentile-axis.ts';
import { linearScale, logScale, logTicks } from './scale.ts';

const margin = { top: 28, right: 24, left: 64 };
const plotHeight = 300;
const bottom = margin.top + plotHeight;

type Method = MethodSection<'wire'>;
type Point = Distribution['percentiles'][number];

export function PercentileChart({ methods }: { methods: readonly Method[] }) {
  const curves = methods.map((method) => drawablePoints(method));
  const points = curves.flat();
  const maxNines = Math.max(1, ...points.map((point) => nines(point.fraction)));
  // Should every response be lost, there is still an axis.
  const times = points.length === 0 ? [1] : points.map((point) => point.us);
  const yTicks = logTicks(Math.min(...times), Math.max(...times));
  return (
    <Chart
      title="Percentiles of the response times"
      caption={`The horizontal axis counts nines, so that each further nine takes the same room; both axes are logarithmic. A curve ends where fewer than ${samplesNeeded} responses are at or above it.`}
      description={methods
        .map(({ title }, index) => describeEnd(title, curves[index]?.at(-1)))
        .join('; ')}
      height={bottom + bottomAxisHeight}
      legend={<LineLegend methods={methods} />}
    >
      {(width) => {
        const x = linearScale([0, maxNines], [margin.left, width - margin.right]);
        const y = logScale([yTicks[0] ?? 1, yTicks.at(-1) ?? 10], [bottom, margin.top]);
        return (
          <>
            <BottomAxis
              scale={{ range: x.range, at: (fraction) => x.at(nines(fraction)) }}
              ticks={percentileTicks(maxNines)}
              format={formatPercentile}
              title="share of responses"
              grid={[margin.top, bottom]}
            />
            <LeftAxis
              scale={y}
              ticks={yTicks}
              format={formatTick}
              title="response time (µs)"
              grid={[margin.left, width - margin.right]}
            />
            {curves.map((curve, index) => (
              <polyline
                key={methods[index]?.id}
                class="curve"
                points={curve
                  .map(
                    ({ fraction, us }) =>
                      `${x.at(nines(fraction)).toFixed(1)},${y.at(us).toFixed(1)}`,
                  )
                  .join(' ')}
                stroke={methods[index]?.color}
                stroke-dasharray={methods[index]?.dash}
              />
            ))}
          </>
        );
      }}
    </Chart>
  );
}

/** Those that the responses resolve; 0 µs has no logarithm. */
function drawablePoints({ section: { distribution, summary } }: Method): Point[] {
  return distribution.percentiles.filter(
    ({ fraction, us }) => us > 0 && isResolved(fraction, summary.n.value),
  );
}

function describeEnd(title: string, last: Point | undefined): string {
  if (last === undefined) return `${title}: too few responses`;
  return `${title}: ${formatPercentile(last.fraction)} within ${formatUs(last.us)} µs`;
}

function LineLegend({ methods }: { methods: readonly Method[] }) {
  return (
    <ul class="legend">
      {methods.map(({ id, title, color, dash }) => (
        <li key={id}>
          <svg class="line-sample" viewBox="0 0 28 8" aria-hidden="true">
            <line class="curve" x2={28} y1={4} y2={4} stroke={color} stroke-dasharray={dash} />
          </svg>
          {title}
        </li>
      ))}
    </ul>
  );
}
