import type { Scale } from './scale.ts';

interface WhiskerProps {
  interval: readonly [number, number];
  x: Scale;
  y: number;
}

/** A confidence interval. */
export function Whisker({ interval, x, y }: WhiskerProps) {
  const [low, high] = interval.map((value) => x.at(value).toFixed(2));
  const [top, bottom] = [y - 4, y + 4];
  return (
    <path
      class="whisker"
      d={`M${low} ${top}V${bottom}M${low} ${y}H${high}M${high} ${top}V${bottom}`}
    />
  );
}
