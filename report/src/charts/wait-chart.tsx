import { kinds } from '../../../src/instruments/inversions/text.ts';
import { formatQuantity, formatTick, formatUs } from '../format.ts';
import type { MethodSection } from '../method-section.ts';
import { waitsOf } from '../waits.ts';
import { BottomAxis, bottomAxisHeight } from './axis.tsx';
import { Chart } from './chart.tsx';
import { groupTops } from './group-tops.ts';
import { labelledTicks, logScale, logTicks, type Scale } from './scale.ts';

const leftMargin = 40;
const rightMargin = 88;
const titleHeight = 22;
const rowHeight = 18;
const strokeHeight = 12;
const labelWidth = 52;
/** The trace has whole microseconds: a shorter wait is drawn as one of this length. */
const shortestUs = 1;

type Method = MethodSection<'inversions'>;

/** A stroke for each priority inversion. */
export function WaitChart({ methods }: { methods: readonly Method[] }) {
  const waits = methods.flatMap(({ section }) =>
    section.runs.flatMap(({ inversions }) => inversions.map(({ us }) => Math.max(us, shortestUs))),
  );
  const longest = waits.reduce((max, us) => Math.max(max, us), shortestUs);
  const shortest = waits.reduce((min, us) => Math.min(min, us), longest);
  const ticks = logTicks(shortest, longest);
  const tops = groupTops(methods.map(() => titleHeight + kinds.length * rowHeight));
  const bottom = tops.at(-1) ?? 0;
  return (
    <Chart
      title="Length of each priority inversion"
      caption={`A stroke is one inversion; for (c), it is the CPU time of the work, for the others the time that RT work waited. ${kinds.map(({ name }) => name).join('; ')}. The axis is logarithmic.`}
      description={methods.map(describe).join('; ')}
      height={bottom + bottomAxisHeight}
    >
      {(width) => {
        const x = logScale([ticks[0] ?? 1, ticks.at(-1) ?? 10], [leftMargin, width - rightMargin]);
        return (
          <>
            <BottomAxis
              scale={x}
              ticks={labelledTicks(ticks, width / labelWidth)}
              format={formatTick}
              title="length (µs), logarithmic"
              grid={[0, bottom]}
            />
            {methods.map((method, index) => (
              <g key={method.id} transform={`translate(0 ${tops[index]})`}>
                <Panel method={method} x={x} />
              </g>
            ))}
          </>
        );
      }}
    </Chart>
  );
}

function describe({ title, section }: Method): string {
  const texts = kinds.map(({ kind, name }) => {
    const { times, worst } = waitsOf(section.runs, kind);
    const longest = worst === undefined ? '' : `, longest ${formatUs(worst.inversion.us)} µs`;
    return `${name}: ${formatQuantity(times, 'time')}${longest}`;
  });
  return `${title}: ${texts.join(', ')}`;
}

function Panel({ method: { title, color, section }, x }: { method: Method; x: Scale }) {
  const [left, right] = x.range;
  return (
    <>
      <text class="label" x={left} y={14}>
        {title}
      </text>
      {kinds.map(({ kind, name }, index) => (
        <g key={kind} transform={`translate(0 ${titleHeight + index * rowHeight})`}>
          <text class="row-label" x={left - 8} y={strokeHeight / 2} dy="0.35em" text-anchor="end">
            {name.split(' ')[0]}
          </text>
          <line class="grid" x1={left} x2={right} y1={strokeHeight / 2} y2={strokeHeight / 2} />
          <path class="strokes" d={strokes(section, kind, x)} stroke={color} />
          <text class="annotation" x={right + 8} y={strokeHeight / 2} dy="0.35em">
            {formatQuantity(waitsOf(section.runs, kind).times, 'time')}
          </text>
        </g>
      ))}
    </>
  );
}

function strokes(
  { runs }: Method['section'],
  kind: (typeof kinds)[number]['kind'],
  x: Scale,
): string {
  return runs
    .flatMap(({ inversions }) => inversions.filter((inversion) => inversion.kind === kind))
    .map(({ us }) => `M${x.at(Math.max(us, shortestUs)).toFixed(1)} 0v${strokeHeight}`)
    .join('');
}
