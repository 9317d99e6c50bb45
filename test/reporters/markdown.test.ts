import { expect, test } from 'vitest';
import { renderMarkdown } from '../../src/reporters/markdown.js';
import { comparisonOfTwo } from './comparison-of-two.js';

test('renderMarkdown has a row for each method, then the caption', async () => {
  const lines = renderMarkdown(await comparisonOfTwo()).split('\n');
  const rows = lines.slice(0, 4).map((line) => line.split(/(?<!\\)\|/).slice(1, -1));
  expect(rows.map((cells) => cells.length)).toEqual([15, 15, 15, 15]);
  expect(lines[2]).toContain('| Threaded interrupts | 189.0<br>[2.5, 562.0] |');
  expect(lines[3]).toMatch(/^\| Own \\\| method \| 2\.5 \|/);
  expect(lines[0]).toContain('paper mean, us<br>(hardware, 2018)');
  expect(lines[5]).toMatch(/^Clock: instructions, 2 ns each\./);
});
