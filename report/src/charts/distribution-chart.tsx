import { isShown } from '../../../src/statistics/resolution.ts';
import { formatCount, formatPercent, formatTick, formatUs } from '../format.ts';
import type { MethodSection } from '../method-section.ts';
import { BottomAxis, bottomAxisHeight } from './axis.tsx';
import { Chart } from './chart.tsx';
import { type Bin, coarsen, countFrom } from './histogram.ts';
import { linearScale, linearTicks, type Scale } from './scale.ts';

/** Half a number of the axis. */
const sideMargin = 24;
/** Two lines of text: they do not fit side by side on a phone. */
const headHeight = 38;
const plotHeight = 72;
const panelHeight = headHeight + plotHeight + 12;
const minBarPx = 3;

const figureNames = { p50: 'median', p99: '99th percentile', sd: 'standard deviation' } as const;

type Method = MethodSection<'wire'>;

export function DistributionChart({ methods }: { methods: readonly Method[] }) {
  const longestP99 = Math.max(...methods.map((method) => method.section.summary.p99.value));
  const description = methods
    .map(({ title, section: { summary } }) => {
      const figures = (['p50', 'p99', 'sd'] as const)
        .filter((name) => isShown(name, summary.n.value))
        .map((name) => `${figureNames[name]} ${formatUs(summary[name].value)} µs`);
      return `${title}: ${figures.join(', ')}`;
    })
    .join('; ');
  return (
    <Chart
      title="Distribution of the response times of the Critical RT servers"
      caption="All methods share the time axis, which ends just beyond the longest 99th percentile; the plot of percentiles shows the tails. Each panel is scaled to its own peak. Solid line: mean; dashed line: 99th percentile, where there are responses enough to tell it."
      description={description}
      height={methods.length * panelHeight + bottomAxisHeight}
    >
      {(width) => {
        const ticks = linearTicks(longestP99, Math.max(3, Math.floor(width / 90)));
        const endUs = ticks.at(-1) ?? longestP99;
        const x = linearScale([0, endUs], [sideMargin, width - sideMargin]);
        const bottom = methods.length * panelHeight;
        return (
          <>
            <BottomAxis
              scale={x}
              ticks={ticks}
              format={formatTick}
              title="response time (µs)"
              grid={[headHeight, bottom]}
            />
            {methods.map((method, index) => (
              <g key={method.id} transform={`translate(0 ${index * panelHeight})`}>
                <Panel method={method} x={x} endUs={endUs} />
              </g>
            ))}
          </>
        );
      }}
    </Chart>
  );
}

interface PanelProps {
  method: Method;
  x: Scale;
  endUs: number;
}

function Panel({ method, x, endUs }: PanelProps) {
  const { title, color, section } = method;
  const { distribution, summary } = section;
  const [left, right] = x.range;
  const bins = coarsen(distribution, (minBarPx * endUs) / (right - left));
  const highest = Math.max(...bins.map((bin) => bin.count));
  const base = headHeight + plotHeight;
  const y = linearScale([0, highest], [base, headHeight + 4]);
  return (
    <>
      <text class="label" x={left} y={14}>
        {title}
      </text>
      <text class="annotation" x={left} y={30}>
        {panelNote(bins, highest, endUs)}
      </text>
      <path d={outline(bins, x, y, endUs)} fill={color} />
      <line class="base" x1={left} x2={right} y1={base} y2={base} />
      <Mark at={x.at(summary.mean.value)} class="mean" base={base} />
      {isShown('p99', summary.n.value) && (
        <Mark at={x.at(summary.p99.value)} class="p99" base={base} />
      )}
    </>
  );
}

function panelNote(bins: readonly Bin[], highest: number, endUs: number): string {
  const [first] = bins;
  if (first === undefined) return 'no responses';
  const total = countFrom(bins, 0);
  const beyond = countFrom(bins, endUs);
  const peak = `peak ${formatPercent(highest / total)} % per ${formatTick(first.toUs - first.fromUs)} µs`;
  return beyond === 0 ? peak : `${peak}; ${formatCount(beyond)} beyond the axis`;
}

function Mark({ at, class: className, base }: { at: number; class: string; base: number }) {
  return <line class={`mark ${className}`} x1={at} x2={at} y1={headHeight} y2={base} />;
}

/** One path for all bars. A bar is at least one pixel high, so that a single late response shows. */
function outline(bins: readonly Bin[], x: Scale, y: Scale, endUs: number): string {
  const base = y.range[0];
  return bins
    .filter((bin) => bin.count > 0 && bin.fromUs < endUs)
    .map((bin) => {
      const top = Math.min(y.at(bin.count), base - 1);
      const [from, to] = [x.at(bin.fromUs), x.at(Math.min(bin.toUs, endUs))];
      return `M${from.toFixed(2)} ${base}V${top.toFixed(2)}H${to.toFixed(2)}V${base}Z`;
    })
    .join('');
}
