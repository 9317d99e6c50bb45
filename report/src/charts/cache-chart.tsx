import type { CachesSection } from '../../../src/instruments/caches/schema.ts';
import { formatTick, formatTwoDecimals } from '../format.ts';
import type { MethodSection } from '../method-section.ts';
import { seriesColor } from './palette.ts';
import { StackedBars } from './stacked-bars.tsx';

type Side = CachesSection['sides'][number]['side'];

/** Whose work it is, in words. */
const sideNames: Readonly<Record<Side, string>> = {
  RT: 'RT',
  'non-RT': 'non-RT',
  interrupts: 'interrupts of all NICs and devices',
  idle: 'idle',
};

const sides = Object.keys(sideNames) as Side[];

interface CacheChartProps {
  methods: readonly MethodSection<'caches'>[];
  /** Of the caches, in a sentence. */
  geometry: string;
}

/** As the paper's Figure 12. */
export function CacheChart({ methods, geometry }: CacheChartProps) {
  return (
    <StackedBars
      title="Misses of the last-level cache"
      caption={`Misses per second of each side's work, over all seeds. ${geometry}`}
      measure={{
        axisTitle: 'misses (million/s)',
        formatTick: (misses) => formatTick(misses / 1e6),
        format: (misses) => `${formatTwoDecimals(misses / 1e6)} M/s`,
      }}
      keys={sides.map((side, index) => ({ label: sideNames[side], color: seriesColor(index) }))}
      groups={methods.map(({ title, section }) => ({
        title,
        rows: [{ label: 'misses', parts: sides.map((side) => missesOf(section, side)) }],
      }))}
    />
  );
}

function missesOf({ sides: works }: CachesSection, name: Side): number {
  return works.find(({ side }) => side === name)?.use.missesPerSecond.value ?? 0;
}
