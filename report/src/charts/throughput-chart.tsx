import type { Figure } from '../../../src/statistics/figure.ts';
import { formatMbps, formatTick } from '../format.ts';
import type { MethodSection } from '../method-section.ts';
import { BottomAxis, bottomAxisHeight } from './axis.tsx';
import { Chart } from './chart.tsx';
import { linearScale, linearTicks, type Scale } from './scale.ts';
import { Whisker } from './whisker.tsx';

const leftMargin = 16;
/** Room for the value that stands after the longest bar. */
const rightMargin = 64;
const labelHeight = 22;
const barHeight = 16;
const rowHeight = labelHeight + barHeight + 8;

type Method = MethodSection<'throughput'>;

export function ThroughputChart({ methods }: { methods: readonly Method[] }) {
  const highest = Math.max(...methods.map(({ section }) => highEnd(section.mbps)));
  const bottom = methods.length * rowHeight;
  return (
    <Chart
      title="Total throughput of the Heavy Receivers"
      caption="Whiskers: 95 % confidence interval over seeds; dots: the seeds."
      description={methods
        .map(({ title, section }) => `${title}: ${formatMbps(section.mbps.value)} Mbit/s`)
        .join('; ')}
      height={bottom + bottomAxisHeight}
    >
      {(width) => {
        const ticks = linearTicks(highest, Math.max(3, Math.floor(width / 120)));
        const x = linearScale([0, ticks.at(-1) ?? highest], [leftMargin, width - rightMargin]);
        return (
          <>
            <BottomAxis
              scale={x}
              ticks={ticks}
              format={formatTick}
              title="TCP payload (Mbit/s)"
              grid={[0, bottom]}
            />
            {methods.map((method, index) => (
              <g key={method.id} transform={`translate(0 ${index * rowHeight})`}>
                <Row method={method} x={x} />
              </g>
            ))}
          </>
        );
      }}
    </Chart>
  );
}

function highEnd({ value, ci95 }: Figure): number {
  return ci95 === null ? value : Math.max(value, ci95[1]);
}

function Row({ method, x }: { method: Method; x: Scale }) {
  const { title, color, section } = method;
  const { mbps, runs } = section;
  const middle = labelHeight + barHeight / 2;
  // Apart from each other, because with few seeds the ends of the interval are seeds.
  const [whiskerLine, seedLine] = [middle - 3, middle + 4];
  return (
    <>
      <text class="label" x={leftMargin} y={14}>
        {title}
      </text>
      <rect
        x={leftMargin}
        y={labelHeight}
        width={x.at(mbps.value) - leftMargin}
        height={barHeight}
        fill={color}
      />
      {runs.map((run) => (
        <circle key={run.seed} class="seed" cx={x.at(run.mbps)} cy={seedLine} r={2.5} />
      ))}
      {mbps.ci95 !== null && <Whisker interval={mbps.ci95} x={x} y={whiskerLine} />}
      <text x={x.at(highEnd(mbps)) + 8} y={middle} dy="0.35em">
        {formatMbps(mbps.value)}
      </text>
    </>
  );
}
