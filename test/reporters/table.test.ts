import { describe, expect, test } from 'vitest';
import { renderTable } from '../../src/reporters/table.js';
import { comparisonOfTwo } from './comparison-of-two.js';

describe('renderTable', () => {
  test('continues columns that do not fit in blocks below', async () => {
    expect(renderTable(await comparisonOfTwo(), 100)).toMatchInlineSnapshot(`
      "method                   mean, us  p50, us  p99, us  p99.9, us       max, us        SD, us  n  lost
      -------------------  ------------  -------  -------  ---------  ------------  ------------  -  ----
      Threaded interrupts         189.0        -        -          -         583.0         289.2  6     0
                           [2.5, 562.0]                               [4.0, 583.0]  [1.2, 289.2]
      Own | method                  2.5        -        -          -           4.0           1.3  4     0

      method               heavy, Mbit/s        CPU, %    paper mean, us     paper p99, us
                                                        (hardware, 2018)  (hardware, 2018)
      -------------------  -------------  ------------  ----------------  ----------------
      Threaded interrupts            3.0          35.0             100.8             202.9
                              [3.0, 3.0]  [35.0, 35.0]
      Own | method                   3.0          35.0                 -                 -

      method                   paper SD, us  paper heavy, Gbit/s
                           (hardware, 2018)     (hardware, 2018)
      -------------------  ----------------  -------------------
      Threaded interrupts              29.0                 17.8
      Own | method                        -                    -

      Clock: instructions, 2 ns each. Seeds: 1, 2. 4 requests per seed. Host CPUs: 2. VMs: 1 RT, 2 heavy.
      Response times are those at the wire, of all seeds pooled; n and lost are totals, the rest are means over seeds.
      "-" for p50, p99, p99.9: fewer than 10 responses are at or above it, too few to tell.
      [lo, hi] is the 95 % bootstrap confidence interval over seeds.
      Paper: O. F. Garcia, Y. Shinjo, C. Pu, IEEE Access 2018, doi:10.1109/ACCESS.2018.2877296, Table 3 and section IV-B; measured on hardware in 2018, for reference, not for comparison.
      "
    `);
  });

  test('has one block if there is room, and none that is wider than asked for', async () => {
    const result = await comparisonOfTwo();
    const blocksOf = (maxWidth: number) =>
      renderTable(result, maxWidth).trimEnd().split('\n\n').slice(0, -1);
    expect(blocksOf(400)).toHaveLength(1);
    for (const maxWidth of [60, 80, 132]) {
      const lines = blocksOf(maxWidth).flatMap((block) => block.split('\n'));
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(maxWidth);
    }
  });

  test('gives every column a block of its own rather than fail if there is no room', async () => {
    expect(renderTable(await comparisonOfTwo(), 1).match(/^method/gm)).toHaveLength(14);
  });

  test('shows what a method has no section for as such', async () => {
    const { methods, ...rest } = await comparisonOfTwo();
    const table = renderTable(
      { ...rest, methods: methods.map((method) => ({ ...method, sections: {} })) },
      400,
    );
    expect(table).toMatch(/^Own \| method( +-){14}$/m);
    expect(table).not.toMatch(/undefined|NaN/);
  });
});
