import type { Figure } from '../../statistics/figure.js';
import type { MethodName } from '../instrument.js';
import { seedsText, textRows } from '../text-row.js';
import type { Caches } from './geometry.js';
import type { CachesSection } from './schema.js';

const row = textRows({ name: 32, figure: 12 });

type Work = CachesSection['all'];
type Cells = readonly [heading: string, cellOf: (work: Work) => string][];

const useCells: Cells = [
  ['instr., M/s', ({ use }) => millions(use.instructionsPerSecond)],
  ['refs, M/s', ({ use }) => millions(use.referencesPerSecond)],
  ['misses, M/s', ({ use }) => millions(use.missesPerSecond)],
  ['miss ratio', ({ use }) => `${(use.missRatio.value * 100).toFixed(1)} %`],
];

const byteCells: Cells = [
  ['instr./B', ({ perHeavyByte }) => hundredths(perHeavyByte?.instructions)],
  ['loaded B/B', ({ perHeavyByte }) => hundredths(perHeavyByte?.bytesLoaded)],
  ['stored B/B', ({ perHeavyByte }) => hundredths(perHeavyByte?.bytesStored)],
  ['misses/KiB', ({ perHeavyByte }) => ((perHeavyByte?.misses.value ?? 0) * 1024).toFixed(1)],
];

/**
 * Renders how often RT and other work asked the last level of the caches and missed, and what a byte costs
 * that a Heavy Receiver receives.
 */
export function renderCaches({ id, kernel }: MethodName, section: CachesSection): string {
  const { caches, seeds, heavyMbps, all, sides, work } = section;
  const cells = all.perHeavyByte === null ? useCells : [...useCells, ...byteCells];
  const line = (name: string, one: Work) =>
    row(
      name,
      cells.map(([, cellOf]) => cellOf(one)),
    );
  const heading = row(
    '',
    cells.map(([name]) => name),
  );
  const lines = [
    describe(caches),
    `${id}, kernel ${kernel}, ${seedsText(seeds)}: ${heavyMbps.value.toFixed(0)} Mbit/s received`,
    heading,
    ...sides.flatMap(({ side, ...sum }) => [
      line(side, sum),
      ...work
        .filter((one) => one.side === side && one.name !== side)
        .map((one) => line(`  ${one.name}`, one)),
    ]),
    line('all but idle', all),
    ...intervals(all),
  ];
  return `${lines.join('\n')}\n`;
}

function describe({ own, shared, lineBytes }: Caches): string {
  return (
    `Last-level cache: ${kib(shared.bytes)}, ${shared.ways} ways, behind ${kib(own.bytes)}, ${own.ways} ways, ` +
    `of each CPU; lines of ${lineBytes} bytes.`
  );
}

function intervals({ use }: Work): string[] {
  const { referencesPerSecond, missesPerSecond, missRatio } = use;
  if (missRatio.ci95 === null) return [];
  const bounds = (figure: Figure, scale: number) =>
    `[${figure.ci95?.map((bound) => (bound * scale).toFixed(2)).join(', ')}]`;
  return [
    `  references ${bounds(referencesPerSecond, 1e-6)} M/s, misses ${bounds(missesPerSecond, 1e-6)} M/s, ` +
      `miss ratio ${bounds(missRatio, 100)} % (95 % bootstrap intervals over seeds)`,
  ];
}

function kib(bytes: number): string {
  return `${bytes / 1024} KiB`;
}

function millions({ value }: Figure): string {
  return (value / 1e6).toFixed(2);
}

function hundredths(figure: Figure | undefined): string {
  return (figure?.value ?? 0).toFixed(2);
}
