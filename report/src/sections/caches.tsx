import type { CachesSection as Caches } from '../../../src/instruments/caches/schema.ts';
import { CacheChart } from '../charts/cache-chart.tsx';
import { formatCount } from '../format.ts';
import type { MethodSection } from '../method-section.ts';
import { CacheTable, type NamedWork } from './cache-table.tsx';

type Method = MethodSection<'caches'>;

export function CachesSection({ methods }: { methods: readonly Method[] }) {
  const geometry = [...new Set(methods.map(({ section }) => describe(section.caches)))].join(' ');
  return (
    <section>
      <h2>Caches</h2>
      <p>
        How often RT and other work asked the last level of the modelled caches for a line, and how
        often the line was not there; and what each byte costs that the Heavy Receivers receive.
        Seconds are those of the run's clock.
      </p>
      <CacheChart methods={methods} geometry={geometry} />
      <CacheTable
        caption={`Use of the last-level cache by each side, over all seeds; in brackets the 95 % bootstrap confidence interval over seeds. ${geometry}`}
        methods={methods.map(({ id, title, section }) => ({ id, title, rows: sidesOf(section) }))}
      />
      <details>
        <summary>Use of the last-level cache by each kind of work</summary>
        <CacheTable
          caption="Use of the last-level cache by threads of each class, inside and outside of guests, and by interrupts."
          methods={methods.map(({ id, title, section }) => ({ id, title, rows: section.work }))}
        />
      </details>
    </section>
  );
}

function sidesOf({ sides, all }: Caches): NamedWork[] {
  return [...sides.map((work) => ({ ...work, name: work.side })), { ...all, name: 'all but idle' }];
}

function describe({ own, shared, lineBytes }: Caches['caches']): string {
  return (
    `The last-level cache has ${kib(shared.bytes)} in ${shared.ways} ways, behind ${kib(own.bytes)} in ` +
    `${own.ways} ways of each CPU; a line has ${lineBytes} bytes.`
  );
}

function kib(bytes: number): string {
  return `${formatCount(bytes / 1024)} KiB`;
}
