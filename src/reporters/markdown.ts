import { paperFigures } from '../methods/paper.js';
import type { MethodResult, Result } from '../results/schema.js';
import { captionLines } from './caption.js';
import { type Column, mainColumns, paperColumns } from './columns.js';

/**
 * Renders a comparison as GitHub-flavoured Markdown, for the README: the five figures that methods are judged by
 * with their caption, then the paper's in a table of their own.
 */
export function renderMarkdown(result: Result): string {
  const inPaper = result.methods.filter(({ id }) => paperFigures.has(id));
  return [
    tableOf(result.methods, mainColumns),
    `${captionLines(result).join('\n')}\n`,
    ...(inPaper.length === 0 ? [] : [tableOf(inPaper, paperColumns)]),
  ].join('\n');
}

function tableOf(methods: readonly MethodResult[], columns: readonly Column[]): string {
  const rows = [
    ['method', ...columns.map(({ heading }) => heading.join('<br>'))],
    ['---', ...columns.map(() => '---:')],
    ...methods.map((method) => [
      escapeCell(method.title),
      ...columns.map(({ cellOf }) => {
        const { value, interval } = cellOf(method);
        return interval === '' ? value : `${value}<br>${interval}`;
      }),
    ]),
  ];
  return rows.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

export function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
