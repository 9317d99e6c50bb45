import { sectionTexts } from '../instruments/registry.js';
import type { Result } from '../results/schema.js';
import { renderTable } from './table.js';

/** The table is as wide as the terminal, or as a page of text where there is none. */
const pageWidth = 120;

/**
 * Renders a result for a terminal. Instruments that show more than the table has take time themselves, so where
 * a method has their sections, these are shown instead of the table.
 */
export function renderText(result: Result): string {
  const texts = result.methods.flatMap((method) => sectionTexts(method, method.sections));
  if (texts.length > 0) return texts.join('\n');
  return renderTable(result, process.stdout.columns ?? pageWidth);
}
