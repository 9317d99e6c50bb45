import type { Figure } from '../../results/schema.js';
import type { Caches } from './geometry.js';
import type { CachesResult, MethodCaches } from './schema.js';

const nameWidth = 32;
const figureWidth = 12;

type Work = MethodCaches['all'];
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
 * Renders, for each method, how the last level of the caches served whom, and what a byte that a Heavy
 * Receiver receives costs whom.
 */
export function renderCaches({ caches, methods }: CachesResult): string {
  const hasIntervals = methods.some(({ seeds }) => seeds.length > 1);
  const caption = hasIntervals
    ? `${describe(caches)} [lo, hi] is the 95 % bootstrap confidence interval over seeds.`
    : describe(caches);
  return [`${caption}\n`, ...methods.map(renderMethod)].join('\n');
}

function describe({ own, shared, lineBytes }: Caches): string {
  return (
    `Last-level cache: ${kib(shared.bytes)}, ${shared.ways} ways, behind ${kib(own.bytes)}, ${own.ways} ways, ` +
    `of each CPU; lines of ${lineBytes} bytes.`
  );
}

function renderMethod(method: MethodCaches): string {
  const { id, kernel, seeds, heavyMbps, all, sides, work } = method;
  const hasHeavy = all.perHeavyByte !== null;
  const cells = hasHeavy ? [...useCells, ...byteCells] : useCells;
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
    `${id}, kernel ${kernel}, ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}: ` +
      `${heavyMbps.value.toFixed(0)} Mbit/s received`,
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

function intervals({ use }: Work): string[] {
  const { referencesPerSecond, missesPerSecond, missRatio } = use;
  if (missRatio.ci95 === null) return [];
  const bounds = (figure: Figure, scale: number) =>
    `[${figure.ci95?.map((bound) => (bound * scale).toFixed(2)).join(', ')}]`;
  return [
    `  references ${bounds(referencesPerSecond, 1e-6)} M/s, misses ${bounds(missesPerSecond, 1e-6)} M/s, ` +
      `miss ratio ${bounds(missRatio, 100)} %`,
  ];
}

function row(name: string, cells: readonly string[]): string {
  const text = cells.map((cell) => cell.padStart(figureWidth)).join('');
  return `  ${name.padEnd(nameWidth)}${text}`.trimEnd();
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
