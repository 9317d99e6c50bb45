import type { CpuTime, MethodResult } from '../../../src/results/schema.ts';
import { seriesColor } from './palette.ts';
import { meanCpuTime } from './run-means.ts';
import { StackedBars } from './stacked-bars.tsx';

const kinds = [
  'guest',
  'user',
  'system',
  'softirq',
  'irq',
] as const satisfies readonly (keyof CpuTime)[];

interface CpuTimeChartProps {
  number: number;
  methods: readonly MethodResult[];
}

export function CpuTimeChart({ number, methods }: CpuTimeChartProps) {
  return (
    <StackedBars
      number={number}
      title="CPU utilisation of the host"
      caption="Where the time of each host CPU went; mean over seeds. The empty part is idle time."
      axisTitle="share of one CPU (%)"
      keys={kinds.map((kind, index) => ({ label: kind, color: seriesColor(index) }))}
      groups={methods.map((method) => ({
        title: method.title,
        rows: meanCpuTime(method.runs).map((time) => ({
          label: `CPU ${time.cpu}`,
          parts: kinds.map((kind) => time[kind]),
        })),
      }))}
    />
  );
}
