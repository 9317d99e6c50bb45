import { expect, test } from 'vitest';
import { renderMarkdown } from '../../src/reporters/markdown.js';
import { comparisonOfTwo } from './comparison-of-two.js';

test('renderMarkdown has a row for each method, the caption, then the methods that the paper has', async () => {
  const lines = renderMarkdown(await comparisonOfTwo()).split('\n');
  const rows = lines.slice(0, 4).map((line) => line.split(/(?<!\\)\|/).slice(1, -1));
  expect(rows.map((cells) => cells.length)).toEqual([6, 6, 6, 6]);
  expect(lines[2]).toContain('| Threaded interrupts | 189.0<br>[2.5, 562.0] |');
  expect(lines[3]).toMatch(/^\| Own \\\| method \| 2\.5 \|/);
  expect(lines[5]).toMatch(/^Clock: instructions, 2 ns each\./);
  const paper = lines.findIndex((line) => line.includes('paper mean, us<br>(hardware, 2018)'));
  expect(lines.slice(paper + 2).filter((line) => line !== '')).toEqual([
    '| Threaded interrupts | 100.8 | 202.9 | 29.0 | 17.8 |',
  ]);
});
