import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Before the first layout, as wide as on paper. */
const initialWidth = 960;
/** A page that is not shown yet has no width; margins and labels need some. */
const leastWidth = 280;

/** The width of an element in CSS pixels: figures are drawn for it, so text keeps its size on a phone. */
export function useElementWidth<T extends Element>(): [RefObject<T>, number] {
  const element = useRef<T>(null);
  const [width, setWidth] = useState(initialWidth);
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null) return;
    const measure = () => {
      setWidth(Math.max(leastWidth, Math.round(target.getBoundingClientRect().width)));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
