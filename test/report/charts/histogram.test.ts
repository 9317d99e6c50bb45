import { expect, it } from 'vitest';
import { coarsen, countFrom } from '../../../report/src/charts/histogram.js';

const distribution = { binUs: 10, fromUs: 500, counts: [1, 2, 3, 4, 5], percentiles: [] };

it('leaves bins that are wide enough as they are', () => {
  expect(coarsen(distribution, 10)).toHaveLength(5);
  expect(coarsen(distribution, 4)[1]).toEqual({ fromUs: 510, toUs: 520, count: 2 });
});

it('adds narrow bins together and loses no response', () => {
  expect(coarsen(distribution, 15)).toEqual([
    { fromUs: 500, toUs: 520, count: 3 },
    { fromUs: 520, toUs: 540, count: 7 },
    { fromUs: 540, toUs: 560, count: 5 },
  ]);
});

it('counts what lies beyond the end of an axis', () => {
  expect(countFrom(coarsen(distribution, 10), 530)).toBe(9);
});
