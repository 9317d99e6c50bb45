import { expect, it } from 'vitest';
import { nines, percentileTicks } from '../../../report/src/charts/percentile-axis.js';

it('counts nines', () => {
  expect(nines(0)).toBeCloseTo(0);
  expect(nines(0.9)).toBeCloseTo(1);
  expect(nines(0.999)).toBeCloseTo(3);
});

it('has a tick for each nine that the data reaches', () => {
  expect(percentileTicks(nines(0.999))).toEqual([
    0.5,
    expect.closeTo(0.9),
    expect.closeTo(0.99),
    expect.closeTo(0.999),
  ]);
});
