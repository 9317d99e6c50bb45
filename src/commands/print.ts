import { renderText } from '../reporters/text.js';
import type { Result } from '../results/schema.js';

/** The table is as wide as the terminal, or as a page of text where there is none. */
const defaultWidth = 120;

/** Prints a result for people. */
export function printText(result: Result): void {
  process.stdout.write(renderText(result, process.stdout.columns ?? defaultWidth));
}
