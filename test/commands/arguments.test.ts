import { InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  duration,
  nameList,
  positiveNumber,
  seedList,
  wholeNumber,
} from '../../src/commands/arguments.js';

describe('wholeNumber', () => {
  test('reads every number that it can hold exactly', () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999_999_999 }), (number) => {
        expect(wholeNumber(`${number}`)).toBe(number);
      }),
    );
  });

  test.each(['', '-1', '1.5', '1e3', '0x10', ' 1', 'one', '9'.repeat(16)])(
    'refuses "%s"',
    (text) => {
      expect(() => wholeNumber(text)).toThrow(InvalidArgumentError);
      expect(() => wholeNumber(text)).toThrow(`Expected a whole number, got "${text}".`);
    },
  );
});

test('positiveNumber is a whole number that is not 0', () => {
  expect(positiveNumber('1')).toBe(1);
  expect(() => positiveNumber('0')).toThrow('Expected a whole number from 1 on, got "0".');
  expect(() => positiveNumber('-1')).toThrow(InvalidArgumentError);
});

test.each([
  ['90', 90_000],
  ['1s', 1000],
  ['10m', 600_000],
  ['2h', 7_200_000],
])('duration: %s', (text, ms) => {
  expect(duration(text)).toBe(ms);
});

test.each(['', '0', '0s', '-1s', '1.5h', '10 m', '1d', 's', '12345678s', '1m30s'])(
  'duration refuses "%s"',
  (text) => {
    expect(() => duration(text)).toThrow(InvalidArgumentError);
    expect(() => duration(text)).toThrow('Expected a duration such as "90s", "10m" or "2h"');
  },
);

describe('nameList', () => {
  test('takes names apart, with or without blanks', () => {
    expect(nameList('vanilla')).toEqual(['vanilla']);
    expect(nameList('threaded-napi, vanilla ,exclusive')).toEqual([
      'threaded-napi',
      'vanilla',
      'exclusive',
    ]);
  });

  test.each(['', 'a,', ',a', 'a,,b', 'a,b,a', 'a, a'])('refuses "%s"', (text) => {
    expect(() => nameList(text)).toThrow(InvalidArgumentError);
    expect(() => nameList(text)).toThrow(`got "${text}"`);
  });
});

describe('seedList', () => {
  test.each([
    ['7', [7]],
    ['3,1,2', [3, 1, 2]],
    ['1-5', [1, 2, 3, 4, 5]],
    ['4-4', [4]],
    ['0-1, 8', [0, 1, 8]],
  ])('"%s" is %j', (text, seeds) => {
    expect(seedList(text)).toEqual(seeds);
  });

  test('takes up to 1000 seeds in a range', () => {
    expect(seedList('1-1000')).toHaveLength(1000);
    expect(() => seedList('1-1001')).toThrow(InvalidArgumentError);
  });

  test.each(['', '1,', 'a', '5-1', '-1', '1-', '1.5', '1234567890', '1-999999999'])(
    'refuses "%s"',
    (text) => {
      expect(() => seedList(text)).toThrow(InvalidArgumentError);
      expect(() => seedList(text)).toThrow(`got "${text}"`);
    },
  );

  test.each(['1,1', '1-3,2'])('refuses a seed that occurs twice: "%s"', (text) => {
    expect(() => seedList(text)).toThrow(InvalidArgumentError);
    expect(() => seedList(text)).toThrow(`A seed occurs twice in "${text}".`);
  });
});
