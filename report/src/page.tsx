import type { MethodResult, Result } from '../../src/results/schema.ts';
import { CpuTimeChart } from './charts/cpu-time-chart.tsx';
import { DistributionChart } from './charts/distribution-chart.tsx';
import { PercentileChart } from './charts/percentile-chart.tsx';
import { ThreadClassChart } from './charts/thread-class-chart.tsx';
import { ThroughputChart } from './charts/throughput-chart.tsx';
import { figureColumns } from './figures.ts';
import { methodSections } from './method-section.ts';
import { EnvironmentSection } from './sections/environment.tsx';
import { Heading } from './sections/heading.tsx';
import { RepeatSection } from './sections/repeat.tsx';
import { SeedTable } from './sections/seed-table.tsx';
import { SettingsSection } from './sections/settings.tsx';
import { SummaryTable } from './sections/summary-table.tsx';

export function Page({ result }: { result: Result }) {
  const { methods } = result;
  return (
    <>
      <Heading result={result} />
      {figureColumns(methods).length > 0 && <Comparison methods={methods} />}
      <SettingsSection methods={methods} />
      <EnvironmentSection result={result} />
      <RepeatSection result={result} />
    </>
  );
}

/** What most results have: response times, throughput and CPU time. */
function Comparison({ methods }: { methods: readonly MethodResult[] }) {
  const wire = methodSections(methods, 'wire');
  const throughput = methodSections(methods, 'throughput');
  const cpu = methodSections(methods, 'cpu');
  return (
    <>
      <section>
        <h2>Summary</h2>
        <SummaryTable methods={methods} />
      </section>
      <section>
        <h2>Figures</h2>
        {wire.length > 0 && <DistributionChart methods={wire} />}
        {throughput.length > 0 && <ThroughputChart methods={throughput} />}
        {cpu.length > 0 && <CpuTimeChart methods={cpu} />}
        {cpu.length > 0 && <ThreadClassChart methods={cpu} />}
        {wire.length > 0 && <PercentileChart methods={wire} />}
      </section>
      <section>
        <h2>Seeds</h2>
        <SeedTable methods={methods} />
      </section>
    </>
  );
}
