import { formatTick, formatUs } from '../format.ts';
import type { MethodSection } from '../method-section.ts';
import { describeSegments, segmentKeys, timeOf } from './segments.ts';
import { StackedBars } from './stacked-bars.tsx';

/** As the paper's Figure 11, in means. */
export function PathChart({ methods }: { methods: readonly MethodSection<'path'>[] }) {
  const keys = segmentKeys(methods);
  return (
    <StackedBars
      title="Mean time of a request in each segment of its way"
      caption={describeSegments(keys)}
      measure={{
        axisTitle: 'time since the request was at the wire (µs)',
        formatTick,
        format: (us) => `${formatUs(us)} µs`,
      }}
      keys={keys}
      groups={methods.map(({ title, section }) => ({
        title,
        rows: [
          { label: 'mean', parts: keys.map(({ label }) => timeOf(section, label)?.mean ?? 0) },
        ],
      }))}
    />
  );
}
