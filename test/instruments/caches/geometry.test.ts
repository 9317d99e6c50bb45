import { expect, test } from 'vitest';
import { cachesSchema, paperCaches } from '../../../src/instruments/caches/geometry.js';

test("the paper's caches are caches", () => {
  expect(cachesSchema.parse(paperCaches)).toEqual(paperCaches);
});

test.each([
  ['not a power of two', { shared: { bytes: 3 * 2 ** 20, ways: 16 } }],
  ['not a power of two', { own: { bytes: 2 ** 18, ways: 3 } }],
  ['a way smaller than a line', { own: { bytes: 256, ways: 8 } }],
  ['a way larger than what the emulator aligns', { shared: { bytes: 2 ** 26, ways: 16 } }],
  ['no line', { lineBytes: 0 }],
  ['a line larger than a page', { lineBytes: 8192 }],
])('refuses %s: %j', (_why, change) => {
  expect(cachesSchema.safeParse({ ...paperCaches, ...change }).success).toBe(false);
});
