import type { MethodResult, Result } from '../../src/results/schema.ts';
import { relativeToOutsourcing } from './ablation.ts';
import { AblationChart } from './charts/ablation-chart.tsx';
import { CpuTimeChart } from './charts/cpu-time-chart.tsx';
import { DistributionChart } from './charts/distribution-chart.tsx';
import { PercentileChart } from './charts/percentile-chart.tsx';
import { ThreadClassChart } from './charts/thread-class-chart.tsx';
import { ThroughputChart } from './charts/throughput-chart.tsx';
import { figureColumns } from './figures.ts';
import { methodSections } from './method-section.ts';
import { CachesSection } from './sections/caches.tsx';
import { EnvironmentSection } from './sections/environment.tsx';
import { Heading } from './sections/heading.tsx';
import { InversionsSection } from './sections/inversions.tsx';
import { OtherSections } from './sections/other.tsx';
import { PathSection } from './sections/path.tsx';
import { RepeatSection } from './sections/repeat.tsx';
import { SeedTable } from './sections/seed-table.tsx';
import { SettingsSection } from './sections/settings.tsx';
import { SummaryTable } from './sections/summary-table.tsx';

export function Page({ result }: { result: Result }) {
  const { methods } = result;
  const path = methodSections(methods, 'path');
  const inversions = methodSections(methods, 'inversions');
  const caches = methodSections(methods, 'caches');
  return (
    <>
      <Heading result={result} />
      {figureColumns(methods).length > 0 && <Comparison methods={methods} />}
      {path.length > 0 && <PathSection methods={path} />}
      {inversions.length > 0 && <InversionsSection methods={inversions} />}
      {caches.length > 0 && <CachesSection methods={caches} />}
      <OtherSections methods={methods} />
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
  const ablation = relativeToOutsourcing(wire);
  return (
    <>
      <section>
        <h2>Summary</h2>
        <SummaryTable methods={methods} />
      </section>
      <section>
        <h2>Figures</h2>
        {wire.length > 0 && <DistributionChart methods={wire} />}
        {ablation.length > 0 && <AblationChart methods={ablation} />}
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
