import type { CompareResult } from '../../src/results/schema.ts';
import { CpuTimeChart } from './charts/cpu-time-chart.tsx';
import { DistributionChart } from './charts/distribution-chart.tsx';
import { PercentileChart } from './charts/percentile-chart.tsx';
import { ThreadClassChart } from './charts/thread-class-chart.tsx';
import { ThroughputChart } from './charts/throughput-chart.tsx';
import { EnvironmentSection } from './sections/environment.tsx';
import { Heading } from './sections/heading.tsx';
import { RepeatSection } from './sections/repeat.tsx';
import { SeedTable } from './sections/seed-table.tsx';
import { SettingsSection } from './sections/settings.tsx';
import { SummaryTable } from './sections/summary-table.tsx';

export function Page({ result }: { result: CompareResult }) {
  const { methods } = result;
  return (
    <>
      <Heading result={result} />
      <section>
        <h2>Summary</h2>
        <SummaryTable methods={methods} />
      </section>
      <section>
        <h2>Figures</h2>
        <DistributionChart number={1} methods={methods} />
        <ThroughputChart number={2} methods={methods} />
        <CpuTimeChart number={3} methods={methods} />
        <ThreadClassChart number={4} methods={methods} />
        <PercentileChart number={5} methods={methods} />
      </section>
      <section>
        <h2>Seeds</h2>
        <SeedTable methods={methods} />
      </section>
      <SettingsSection methods={methods} />
      <EnvironmentSection result={result} />
      <RepeatSection result={result} />
    </>
  );
}
