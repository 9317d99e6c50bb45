import { renderTable } from '../reporters/table.js';
import type { CompareResult } from '../results/schema.js';

/** The table is as wide as the terminal, or as a page of text where there is none. */
const defaultWidth = 120;

export function printTable(result: CompareResult): void {
  process.stdout.write(renderTable(result, process.stdout.columns ?? defaultWidth));
}
