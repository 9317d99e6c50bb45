import { expect, it } from 'vitest';
import { binsOf, coarsen } from '../../../report/src/charts/histogram.js';

const bins = binsOf({
  fromUs: [100, 110, 121, 133],
  binUs: [10, 11, 12, 13],
  counts: [1, 2, 0, 5],
  percentiles: [],
});

it('reads the bins of a result', () => {
  expect(bins[1]).toEqual({ fromUs: 110, toUs: 121, count: 2 });
});

it('leaves bins that are wide enough as they are', () => {
  expect(coarsen(bins, 1.05)).toEqual(bins);
});

it('adds narrow bins together and loses no response', () => {
  expect(coarsen(bins, 1.2)).toEqual([
    { fromUs: 100, toUs: 121, count: 3 },
    { fromUs: 121, toUs: 146, count: 5 },
  ]);
});
