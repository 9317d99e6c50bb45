import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCpuList, formatCpuMask, parseCpuList } from '../../src/host/cpu-list.js';
import { EvenkeelError } from '../../src/process/errors.js';

const cpus = fc.array(fc.oneof(fc.nat(9), fc.nat(300)), { maxLength: 40 });

test('a formatted list reads back sorted, each CPU once', () => {
  fc.assert(
    fc.property(cpus, (numbers) => {
      const expected = [...new Set(numbers)].sort((a, b) => a - b);
      expect(parseCpuList(formatCpuList(numbers))).toEqual(expected);
    }),
  );
});

test.each([
  [[], ''],
  [[4], '4'],
  [[5, 0, 2, 1], '0-2,5'],
  [[9, 10, 1], '1,9-10'],
])('%j is "%s"', (numbers, text) => {
  expect(formatCpuList(numbers)).toBe(text);
});

describe('parseCpuList', () => {
  test('takes what a file of /proc ends with', () => {
    expect(parseCpuList('0-1,3\n')).toEqual([0, 1, 3]);
    expect(parseCpuList('\n')).toEqual([]);
  });

  test.each(['a', '1-', '-1', '3-1', '1,,2', '1 2', '0-4294967295', '0x1'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseCpuList(text)).toThrow(EvenkeelError);
      expect(() => parseCpuList(text)).toThrow(`got "${text}"`);
    },
  );
});

describe('formatCpuMask', () => {
  test.each([
    [[], '0'],
    [[0], '1'],
    [[1, 0, 3], 'b'],
    [[31], '80000000'],
    [[32], '1,00000000'],
    [[0, 1, 2, 3, 32], '1,0000000f'],
    [[70], '40,00000000,00000000'],
  ])('of %j is %s', (numbers, text) => {
    expect(formatCpuMask(numbers)).toBe(text);
  });

  test('has the bits of the CPUs and no others', () => {
    fc.assert(
      fc.property(cpus, (numbers) => {
        const groups = formatCpuMask(numbers).split(',');
        const bits = groups
          .map((group, index) =>
            Number.parseInt(group, 16)
              .toString(2)
              .padStart(index === 0 ? 0 : 32, '0'),
          )
          .join('');
        const set = [...bits].reverse().flatMap((bit, cpu) => (bit === '1' ? [cpu] : []));
        expect(set).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      }),
    );
  });
});
