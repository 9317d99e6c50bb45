import { isShown } from '../../../src/statistics/resolution.ts';
import { formatCount, formatPercent, formatTick, formatUs } from '../format.ts';
import type { MethodSection } from '../method-section.ts';
import { BottomAxis, bottomAxisHeight } from './axis.tsx';
import { Chart } from './chart.tsx';
import { type Bin, binsOf, coarsen } from './histogram.ts';
import { labelledTicks, linearScale, logScale, logTicks, type Scale } from './scale.ts';

/** Half a number of the axis. */
const sideMargin = 24;
/** Two lines of text: they do not fit side by side on a phone. */
const headHeight = 38;
const plotHeight = 72;
const panelHeight = headHeight + plotHeight + 12;
const minBarPx = 3;
/** So that a single late response shows. */
const minBarHeight = 2;
/** Room for a number of the axis. */
const labelWidth = 52;

const figureNames = { p50: 'median', p99: '99th percentile', sd: 'standard deviation' } as const;

type Method = MethodSection<'wire'>;

export function DistributionChart({ methods }: { methods: readonly Method[] }) {
  const histograms = methods.map(({ section }) => drawableBins(section.distribution));
  const all = histograms.flat();
  // Should every response be lost, there is still an axis.
  const ends = all.length === 0 ? [1] : all.flatMap(({ fromUs, toUs }) => [fromUs, toUs]);
  const ticks = logTicks(Math.min(...ends), Math.max(...ends));
  const [startUs, endUs] = [ticks[0] ?? 1, ticks.at(-1) ?? 10];
  const bottom = methods.length * panelHeight;
  return (
    <Chart
      title="Distribution of the response times of the Critical RT servers"
      caption="All methods share the time axis, which is logarithmic and reaches from the shortest response to the longest. Each panel is scaled to its own peak. Solid line: mean; dashed line: 99th percentile, where there are responses enough to tell it."
      description={methods.map(describe).join('; ')}
      height={bottom + bottomAxisHeight}
    >
      {(width) => {
        const x = logScale([startUs, endUs], [sideMargin, width - sideMargin]);
        const barFactor = (endUs / startUs) ** (minBarPx / (width - 2 * sideMargin));
        return (
          <>
            <BottomAxis
              scale={x}
              ticks={labelledTicks(ticks, width / labelWidth)}
              format={formatTick}
              title="response time (µs), logarithmic"
              grid={[headHeight, bottom]}
            />
            {methods.map((method, index) => (
              <g key={method.id} transform={`translate(0 ${index * panelHeight})`}>
                <Panel method={method} bins={coarsen(histograms[index] ?? [], barFactor)} x={x} />
              </g>
            ))}
          </>
        );
      }}
    </Chart>
  );
}

function describe({ title, section: { summary } }: Method): string {
  const figures = (['p50', 'p99', 'sd'] as const)
    .filter((name) => isShown(name, summary.n.value))
    .map((name) => `${figureNames[name]} ${formatUs(summary[name].value)} µs`);
  return `${title}: ${figures.join(', ')}`;
}

/** 0 µs has no logarithm. */
function drawableBins(distribution: Method['section']['distribution']): Bin[] {
  return binsOf(distribution).filter(({ fromUs }) => fromUs > 0);
}

interface PanelProps {
  method: Method;
  bins: readonly Bin[];
  x: Scale;
}

function Panel({ method: { title, color, section }, bins, x }: PanelProps) {
  const { summary } = section;
  const [left, right] = x.range;
  const peak = bins.toSorted((a, b) => b.count - a.count)[0];
  const base = headHeight + plotHeight;
  const y = linearScale([0, peak?.count ?? 1], [base, headHeight + 4]);
  return (
    <>
      <text class="label" x={left} y={14}>
        {title}
      </text>
      <text class="annotation" x={left} y={30}>
        {peak === undefined ? 'no responses' : peakNote(peak, summary.n.value)}
      </text>
      <path d={outline(bins, x, y)} fill={color} />
      <line class="base" x1={left} x2={right} y1={base} y2={base} />
      {summary.mean.value > 0 && <Mark at={x.at(summary.mean.value)} class="mean" base={base} />}
      {summary.p99.value > 0 && isShown('p99', summary.n.value) && (
        <Mark at={x.at(summary.p99.value)} class="p99" base={base} />
      )}
    </>
  );
}

function peakNote({ fromUs, toUs, count }: Bin, total: number): string {
  const bounds = `${formatCount(fromUs)} to ${formatCount(toUs)} µs`;
  return `peak: ${formatPercent(count / total)} % of the responses take ${bounds}`;
}

function Mark({ at, class: className, base }: { at: number; class: string; base: number }) {
  return <line class={`mark ${className}`} x1={at} x2={at} y1={headHeight} y2={base} />;
}

/** One path for all bars. */
function outline(bins: readonly Bin[], x: Scale, y: Scale): string {
  const base = y.range[0];
  return bins
    .filter(({ count }) => count > 0)
    .map(({ fromUs, toUs, count }) => {
      const top = Math.min(y.at(count), base - minBarHeight);
      const [from, to] = [x.at(fromUs), x.at(toUs)];
      return `M${from.toFixed(2)} ${base}V${top.toFixed(2)}H${to.toFixed(2)}V${base}Z`;
    })
    .join('');
}
