import { InvalidArgumentError } from 'commander';

/** Parses a whole number that is not negative. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) {
    throw new InvalidArgumentError(`Expected a whole number, got "${text}".`);
  }
  return Number(text);
}

/** Parses a whole number of things of which there has to be one. */
export function positiveNumber(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('Expected a whole number from 1 on, got "0".');
  return number;
}

const msOfUnit = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/**
 * Parses a duration such as `90`, `90s`, `10m` or `2h`; a number without a unit is seconds, as for timeout(1).
 * @returns milliseconds
 */
export function duration(text: string): number {
  const [, count, unit = 's'] = /^(\d{1,7})([smh]?)$/.exec(text) ?? [];
  const ms = Number(count) * msOfUnit[(unit || 's') as keyof typeof msOfUnit];
  if (Number.isNaN(ms) || ms === 0) {
    throw new InvalidArgumentError(
      `Expected a duration such as "90s", "10m" or "2h", got "${text}".`,
    );
  }
  return ms;
}

/** Parses `a,b,c`; names may not repeat. */
export function nameList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (names.includes('') || repeated !== undefined) {
    throw new InvalidArgumentError(`Expected different names with commas between, got "${text}".`);
  }
  return names;
}

/** Parses seeds such as `1,2,3` or `1-5`. */
export function seedList(text: string): number[] {
  const seeds = text.split(',').flatMap((part) => {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first || last - first >= 1000) {
      throw new InvalidArgumentError(`Expected seeds such as "1,2,3" or "1-5", got "${text}".`);
    }
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  if (new Set(seeds).size !== seeds.length) {
    throw new InvalidArgumentError(`A seed occurs twice in "${text}".`);
  }
  return seeds;
}
