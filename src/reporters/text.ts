import { sectionTexts } from '../instruments/registry.js';
import type { Result } from '../results/schema.js';
import { renderTable } from './table.js';

/**
 * Renders a result for a terminal. Instruments that show more than the table has take time themselves, so where
 * a method has their sections, these are shown instead of the table.
 * @param maxWidth characters in a line of the table
 */
export function renderText(result: Result, maxWidth: number): string {
  const texts = result.methods.flatMap((method) => sectionTexts(method, method.sections));
  return texts.length > 0 ? texts.join('\n') : renderTable(result, maxWidth);
}
