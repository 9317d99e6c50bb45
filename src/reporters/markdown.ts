import type { Result } from '../results/schema.js';
import { captionLines } from './caption.js';
import { comparisonColumns } from './columns.js';

/** Renders a comparison as a GitHub-flavoured Markdown table and its caption, for the README. */
export function renderMarkdown(result: Result): string {
  const rows = [
    ['method', ...comparisonColumns.map(({ heading }) => heading.join('<br>'))],
    ['---', ...comparisonColumns.map(() => '---:')],
    ...result.methods.map((method) => [
      escapeCell(method.title),
      ...comparisonColumns.map(({ cellOf }) => {
        const { value, interval } = cellOf(method);
        return interval === '' ? value : `${value}<br>${interval}`;
      }),
    ]),
  ];
  const table = rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return `${table}\n\n${captionLines(result).join('\n')}\n`;
}

export function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
