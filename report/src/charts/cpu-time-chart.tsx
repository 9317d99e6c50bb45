import type { CpuTime } from '../../../src/instruments/cpu/schema.ts';
import type { MethodSection } from '../method-section.ts';
import { seriesColor } from './palette.ts';
import { meanCpuTime } from './run-means.ts';
import { shareOf } from './share.ts';
import { StackedBars } from './stacked-bars.tsx';

const kinds = [
  'guest',
  'user',
  'system',
  'softirq',
  'irq',
] as const satisfies readonly (keyof CpuTime)[];

export function CpuTimeChart({ methods }: { methods: readonly MethodSection<'cpu'>[] }) {
  return (
    <StackedBars
      title="CPU utilisation of the host"
      caption="Where the time of each host CPU went; mean over seeds. The empty part is idle time."
      measure={shareOf('one CPU')}
      keys={kinds.map((kind, index) => ({ label: kind, color: seriesColor(index) }))}
      groups={methods.map((method) => ({
        title: method.title,
        rows: meanCpuTime(method.section.runs).map((time) => ({
          label: `CPU ${time.cpu}`,
          parts: kinds.map((kind) => time[kind]),
        })),
      }))}
    />
  );
}
