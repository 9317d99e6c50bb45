import type { RelativeFigure, RelativeMethod } from '../ablation.ts';
import { formatTick, formatTwoDecimals, formatUs } from '../format.ts';
import { BottomAxis, bottomAxisHeight } from './axis.tsx';
import { Chart } from './chart.tsx';
import { groupTops } from './group-tops.ts';
import { Legend } from './legend.tsx';
import { seriesColor } from './palette.ts';
import { linearScale, linearTicks, type Scale } from './scale.ts';
import { Whisker } from './whisker.tsx';

const leftMargin = 16;
/** Room for the values that stand after the longest bar. */
const rightMargin = 136;
const titleHeight = 22;
const barHeight = 16;
const rowHeight = barHeight + 3;

const names = { mean: 'mean', p99: '99th percentile' } as const;
const colors = { mean: seriesColor(0), p99: seriesColor(1) } as const;

/** In the order of the paper's Figure 9, but in figures that tell the methods apart at once. */
export function AblationChart({ methods }: { methods: readonly RelativeMethod[] }) {
  const tops = groupTops(methods.map(({ figures }) => titleHeight + figures.length * rowHeight));
  const bottom = tops.at(-1) ?? 0;
  const highest = Math.max(
    1,
    ...methods.flatMap(({ figures }) => figures.map(({ ratio }) => ratio.ci95?.[1] ?? ratio.value)),
  );
  return (
    <Chart
      title="Effects of the techniques of outsourcing on the response times"
      caption="Mean and 99th percentile, divided by those of outsourcing with all techniques. Whiskers: 95 % confidence interval over seeds of the method's own figure, divided by the same number."
      description={methods.map(describe).join('; ')}
      height={bottom + bottomAxisHeight}
      legend={
        <Legend
          entries={(['mean', 'p99'] as const).map((name) => ({
            label: names[name],
            color: colors[name],
          }))}
        />
      }
    >
      {(width) => {
        const ticks = linearTicks(highest, Math.max(2, Math.floor(width / 120)));
        const x = linearScale([0, ticks.at(-1) ?? 1], [leftMargin, width - rightMargin]);
        return (
          <>
            <BottomAxis
              scale={x}
              ticks={ticks}
              format={formatTick}
              title="times that of outsourcing"
              grid={[0, bottom]}
            />
            <line class="mark" x1={x.at(1)} x2={x.at(1)} y1={0} y2={bottom} />
            {methods.map(({ id, title, figures }, index) => (
              <g key={id} transform={`translate(0 ${tops[index]})`}>
                <text class="label" x={leftMargin} y={14}>
                  {title}
                </text>
                {figures.map((figure, row) => (
                  <g key={figure.name} transform={`translate(0 ${titleHeight + row * rowHeight})`}>
                    <Bar figure={figure} x={x} />
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

function describe({ title, figures }: RelativeMethod): string {
  const texts = figures.map(
    ({ name, ratio }) => `${names[name]} ${formatTwoDecimals(ratio.value)} times that`,
  );
  return `${title}: ${texts.join(', ')}`;
}

function Bar({ figure: { name, us, ratio }, x }: { figure: RelativeFigure; x: Scale }) {
  const middle = barHeight / 2;
  const end = Math.max(ratio.value, ratio.ci95?.[1] ?? 0);
  return (
    <>
      <rect
        x={leftMargin}
        width={x.at(ratio.value) - leftMargin}
        height={barHeight}
        fill={colors[name]}
      />
      {ratio.ci95 !== null && <Whisker interval={ratio.ci95} x={x} y={middle} />}
      <text class="annotation" x={x.at(end) + 8} y={middle} dy="0.35em">
        {formatTwoDecimals(ratio.value)} ({formatUs(us)} µs)
      </text>
    </>
  );
}
