import type { Method } from '../methods/method.js';
import { escapeCell } from './markdown.js';

/**
 * Renders methods for a terminal, a line each.
 * @param settings whether to list each method's settings with their reasons
 */
export function renderMethods(methods: readonly Method[], settings: boolean): string {
  const width = Math.max(...methods.map(({ id }) => id.length));
  const lines = methods.flatMap((method) => [
    `${method.id.padEnd(width)}  ${kernelName(method)}  ${method.summary}`,
    ...(settings ? method.settings.map(renderSetting) : []),
  ]);
  return `${lines.join('\n')}\n`;
}

/** Renders methods as a Markdown table, for the README. */
export function renderMethodsMarkdown(methods: readonly Method[]): string {
  const rows = methods.map((method) => [
    `\`${method.id}\``,
    kernelName(method).trim(),
    escapeCell(method.summary),
  ]);
  return [['method', 'kernel', 'what it is'], ['---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}

function kernelName({ kernel }: Method): string {
  return kernel === 'rt' ? 'PREEMPT_RT' : 'stock     ';
}

function renderSetting({ kind, why, ...parameters }: Method['settings'][number]): string {
  const values = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return `  ${kind} ${values.join(' ')}\n      ${why}`;
}
