import type { MethodResult } from '../../../src/results/schema.ts';
import { seriesColor } from './palette.ts';
import { meanThreadClasses, threadClassesOf } from './run-means.ts';
import { StackedBars } from './stacked-bars.tsx';

interface ThreadClassChartProps {
  number: number;
  methods: readonly MethodResult[];
}

export function ThreadClassChart({ number, methods }: ThreadClassChartProps) {
  const classes = threadClassesOf(methods.flatMap((method) => method.runs));
  return (
    <StackedBars
      number={number}
      title="CPU utilisation by class of threads"
      caption="CPU time summed over the threads of a class; mean over seeds."
      axisTitle="share of all host CPUs (%)"
      keys={classes.map((name, index) => ({ label: name, color: seriesColor(index) }))}
      groups={methods.map((method) => ({
        title: method.title,
        rows: [{ label: 'all CPUs', parts: partsOf(method, classes) }],
      }))}
    />
  );
}

function partsOf({ runs }: MethodResult, classes: readonly string[]): number[] {
  const used = new Map(meanThreadClasses(runs).map((time) => [time.class, time.utilization]));
  return classes.map((name) => used.get(name) ?? 0);
}
