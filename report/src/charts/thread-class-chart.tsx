import type { MethodSection } from '../method-section.ts';
import { seriesColor } from './palette.ts';
import { meanThreadClasses, threadClassesOf } from './run-means.ts';
import { shareOf } from './share.ts';
import { StackedBars } from './stacked-bars.tsx';

export function ThreadClassChart({ methods }: { methods: readonly MethodSection<'cpu'>[] }) {
  const classes = threadClassesOf(methods.flatMap((method) => method.section.runs));
  return (
    <StackedBars
      title="CPU utilisation by class of threads"
      caption="CPU time summed over the threads of a class; mean over seeds."
      measure={shareOf('all host CPUs')}
      keys={classes.map((name, index) => ({ label: name, color: seriesColor(index) }))}
      groups={methods.map((method) => ({
        title: method.title,
        rows: [{ label: 'all CPUs', parts: partsOf(method, classes) }],
      }))}
    />
  );
}

function partsOf({ section }: MethodSection<'cpu'>, classes: readonly string[]): number[] {
  const used = new Map(
    meanThreadClasses(section.runs).map((time) => [time.class, time.utilization]),
  );
  return classes.map((name) => used.get(name) ?? 0);
}
