/** How every number on the page is written. The locale is fixed: a report reads the same everywhere. */

const locale = 'en-US';

function decimals(digits: number): (value: number) => string {
  const format = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return (value) => format.format(value);
}

const oneDecimal = decimals(1);
const upToFourDecimals = new Intl.NumberFormat(locale, { maximumFractionDigits: 4 });

export const formatOneDecimal = oneDecimal;
export const formatUs = oneDecimal;
export const formatMbps = oneDecimal;
export const formatGbps = oneDecimal;
export const formatCount = decimals(0);
export const formatTwoDecimals = decimals(2);

/** A fraction from 0 to 1 in percent, without the sign: it stands in the column's head. */
export function formatPercent(fraction: number): string {
  return oneDecimal(fraction * 100);
}

export function formatInterval(
  [low, high]: readonly [number, number],
  format: (value: number) => string,
): string {
  return `[${format(low)}, ${format(high)}]`;
}

/** A number of an axis, with no more decimals than it needs. */
export function formatTick(value: number): string {
  return upToFourDecimals.format(value);
}

/** The name of a percentile on an axis: 0.999 is `99.9 %`. */
export function formatPercentile(fraction: number): string {
  return `${upToFourDecimals.format(fraction * 100)} %`;
}

export function formatNanoseconds(ns: number): string {
  return `${upToFourDecimals.format(ns)}\u00a0ns`;
}

/** `1 host CPU`, `2 host CPUs`. */
export function formatQuantity(n: number, noun: string): string {
  return `${formatCount(n)} ${noun}${n === 1 ? '' : 's'}`;
}
