import type { MethodResult, Result } from '../results/schema.js';
import { captionLines } from './caption.js';
import { type Column, comparisonColumns } from './columns.js';

/** A column as text: lines of the heading, then of each row, and the width they need. */
interface TextColumn {
  readonly heading: readonly string[];
  /** A value and its interval for each method; the interval is empty where there is none. */
  readonly cells: readonly (readonly string[])[];
  readonly width: number;
}

const gap = '  ';

/**
 * Renders a comparison for a terminal, with a trailing newline. Columns that do not fit beside
 * each other continue in a further block below, which repeats the methods' names.
 * @param maxWidth characters in a line; a block exceeds it only if a single column does.
 */
export function renderTable(result: Result, maxWidth: number): string {
  const names = textColumn(
    ['method'],
    result.methods.map(({ title }) => [title, '']),
  );
  const figures = comparisonColumns.map((column) => figureColumn(column, result.methods));
  const blocks = splitIntoBlocks(figures, maxWidth - names.width).map((block) =>
    renderBlock(names, block).join('\n'),
  );
  return `${[...blocks, captionLines(result).join('\n')].join('\n\n')}\n`;
}

function figureColumn({ heading, cellOf }: Column, methods: readonly MethodResult[]): TextColumn {
  const cells = methods.map((method) => {
    const { value, interval } = cellOf(method);
    return [value, interval];
  });
  return textColumn(heading, cells);
}

function textColumn(heading: readonly string[], cells: readonly (readonly string[])[]): TextColumn {
  const width = Math.max(...[heading, ...cells].flat().map((line) => line.length));
  return { heading, cells, width };
}

/** Groups columns, in order, so that each group and the gaps before its columns fit. */
function splitIntoBlocks(columns: readonly TextColumn[], maxWidth: number): TextColumn[][] {
  const blocks: TextColumn[][] = [];
  let freeWidth = 0;
  for (const column of columns) {
    const width = gap.length + column.width;
    const block = blocks.at(-1);
    if (block && width <= freeWidth) {
      block.push(column);
      freeWidth -= width;
    } else {
      blocks.push([column]);
      freeWidth = maxWidth - width;
    }
  }
  return blocks;
}

function renderBlock(names: TextColumn, figures: readonly TextColumn[]): string[] {
  const columns = [names, ...figures];
  const headingLines = Math.max(...columns.map(({ heading }) => heading.length));
  const lines: string[] = [];
  for (let line = 0; line < headingLines; line += 1) {
    lines.push(renderLine(columns, ({ heading }) => heading[line]));
  }
  lines.push(columns.map(({ width }) => '-'.repeat(width)).join(gap));
  for (const row of names.cells.keys()) {
    lines.push(renderLine(columns, ({ cells }) => cells[row]?.[0]));
    const intervals = renderLine(columns, ({ cells }) => cells[row]?.[1]);
    if (intervals !== '') lines.push(intervals);
  }
  return lines;
}

/** Names to the left, figures to the right. */
function renderLine(
  columns: readonly TextColumn[],
  textOf: (column: TextColumn) => string | undefined,
): string {
  const texts = columns.map((column, index) => {
    const text = textOf(column) ?? '';
    return index === 0 ? text.padEnd(column.width) : text.padStart(column.width);
  });
  return texts.join(gap).trimEnd();
}
