import { expect, it } from 'vitest';
import { ablationMethods, relativeToOutsourcing } from '../../report/src/ablation.js';
import { methodSections } from '../../report/src/method-section.js';
import { ablationMethodIds } from '../../src/methods/catalogue.js';
import type { Result } from '../../src/results/schema.js';
import { ablationFixture, resultFixture } from './result.fixture.js';

function relative({ methods }: Result) {
  return relativeToOutsourcing(methodSections(methods, 'wire'));
}

it('knows the methods that the catalogue has for this', () => {
  expect(ablationMethods).toEqual(ablationMethodIds);
});

it('divides figures and their intervals by those of outsourcing', () => {
  const result = ablationFixture();
  const [own, other] = result.methods.map(({ sections }) => sections.wire?.summary.p99);
  const [outsourcing, rtSoftirq] = relative(result);
  expect(outsourcing?.figures.map(({ ratio }) => ratio.value)).toEqual([1, 1]);
  const p99 = rtSoftirq?.figures.find(({ name }) => name === 'p99');
  expect(p99?.us).toBe(other?.value);
  expect(p99?.ratio).toEqual({
    value: (other?.value ?? 0) / (own?.value ?? 0),
    ci95: other?.ci95?.map((bound) => bound / (own?.value ?? 0)),
  });
});

it('shows no percentile that the responses do not resolve', () => {
  const result = ablationFixture([1]);
  const wire = result.methods.at(-1)?.sections.wire;
  if (wire === undefined) throw new Error('the fixture has response times');
  wire.summary.n.value = 500;
  expect(relative(result).map(({ figures }) => figures.length)).toEqual([2, 2, 2, 1]);
});

it('needs outsourcing, another method, and no method of another kind', () => {
  const result = ablationFixture([1]);
  const { methods } = result;
  expect(relative({ ...result, methods: methods.slice(1) })).toEqual([]);
  expect(relative({ ...result, methods: methods.slice(0, 1) })).toEqual([]);
  expect(relative(resultFixture([1]))).toEqual([]);
});
