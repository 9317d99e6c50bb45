import { describe, expect, it } from 'vitest';
import {
  labelledTicks,
  linearScale,
  linearTicks,
  logScale,
  logTicks,
} from '../../../report/src/charts/scale.js';

describe('linearScale', () => {
  it('maps the ends of the domain to those of the range, which may run backwards', () => {
    const scale = linearScale([0, 50], [200, 100]);
    expect([0, 25, 50].map(scale.at)).toEqual([200, 150, 100]);
  });
});

describe('logScale', () => {
  it('gives every decade the same room', () => {
    const scale = logScale([10, 1000], [0, 100]);
    expect([10, 100, 1000].map(scale.at)).toEqual([0, 50, 100]);
  });
});

describe('linearTicks', () => {
  it('covers the maximum in round steps', () => {
    expect(linearTicks(5943, 6)).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000]);
    expect(linearTicks(1, 3)).toEqual([0, 0.5, 1]);
  });

  it('adds no step when the maximum is round', () => {
    expect(linearTicks(0.3, 3)).toHaveLength(4);
  });

  it('leaves an axis when all is zero', () => {
    expect(linearTicks(0, 2)).toEqual([0, 0.5, 1]);
  });
});

describe('logTicks', () => {
  it('encloses the data', () => {
    expect(logTicks(470, 5943)).toEqual([200, 500, 1000, 2000, 5000, 10_000]);
  });

  it('is finer where all data is of one size', () => {
    expect(logTicks(227, 434)).toEqual([200, 300, 400, 500]);
  });

  it('leaves an axis when all values are the same', () => {
    expect(logTicks(100, 100)).toEqual([100, 200]);
  });
});

describe('labelledTicks', () => {
  const ticks = [50, 100, 200, 500, 1000, 2000];

  it('has all ticks where there is room', () => {
    expect(labelledTicks(ticks, 6)).toEqual(ticks);
  });

  it('has the powers of ten where there is not', () => {
    expect(labelledTicks(ticks, 5)).toEqual([100, 1000]);
  });

  it('has the ends of an axis with a single power of ten', () => {
    expect(labelledTicks([50, 100, 200, 500], 3)).toEqual([50, 500]);
  });
});
