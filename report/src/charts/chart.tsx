import type { ComponentChildren } from 'preact';
import { useElementWidth } from './element-width.ts';

interface ChartProps {
  title: string;
  caption: string;
  /** What the figure shows, in words, for those who do not see it. */
  description: string;
  height: number;
  legend?: ComponentChildren;
  /** Draws the figure in a box of this width. */
  children: (width: number) => ComponentChildren;
}

export function Chart({ title, caption, description, height, legend, children }: ChartProps) {
  const [figure, width] = useElementWidth<HTMLElement>();
  return (
    <figure ref={figure}>
      {legend}
      <svg role="img" aria-label={`${title}. ${description}`} viewBox={`0 0 ${width} ${height}`}>
        {children(width)}
      </svg>
      <figcaption>
        <b class="figure-number">{title}.</b> {caption}
      </figcaption>
    </figure>
  );
}
