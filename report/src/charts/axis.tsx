import type { Scale } from './scale.ts';

interface AxisProps {
  scale: Scale;
  ticks: readonly number[];
  format: (tick: number) => string;
  title: string;
  /** Where the grid lines begin and end on the other axis, in pixels. */
  grid: readonly [number, number];
}

/** Room for the numbers and the title below a figure. */
export const bottomAxisHeight = 40;

export function BottomAxis({ scale, ticks, format, title, grid: [top, bottom] }: AxisProps) {
  return (
    <g class="axis">
      {ticks.map((tick) => (
        <g key={tick} transform={`translate(${scale.at(tick)} 0)`}>
          <line class="grid" y1={top} y2={bottom} />
          <text y={bottom + 16} text-anchor="middle">
            {format(tick)}
          </text>
        </g>
      ))}
      <line class="base" x1={scale.range[0]} x2={scale.range[1]} y1={bottom} y2={bottom} />
      <text class="title" x={scale.range[1]} y={bottom + 34} text-anchor="end">
        {title}
      </text>
    </g>
  );
}

export function LeftAxis({ scale, ticks, format, title, grid: [left, right] }: AxisProps) {
  return (
    <g class="axis">
      {ticks.map((tick) => (
        <g key={tick} transform={`translate(0 ${scale.at(tick)})`}>
          <line class="grid" x1={left} x2={right} />
          <text x={left - 8} dy="0.32em" text-anchor="end">
            {format(tick)}
          </text>
        </g>
      ))}
      <text class="title" x={left} y={scale.range[1] - 10}>
        {title}
      </text>
    </g>
  );
}
