import { EvenkeelError } from '../process/errors.js';

/** Formats CPU numbers as the kernel prints them: `0-2,5`. */
export function formatCpuList(cpus: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const cpu of [...new Set(cpus)].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range !== undefined && cpu === range.last + 1) range.last = cpu;
    else ranges.push({ first: cpu, last: cpu });
  }
  return ranges
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(',');
}

/**
 * Parses a CPU list such as `0-2,5` (Documentation/admin-guide/cputopology.rst).
 * @throws EvenkeelError if the text is no such list
 */
export function parseCpuList(text: string): number[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  return trimmed.split(',').flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first || last - first > 4096) {
      throw new EvenkeelError(`expected a CPU list such as "0-2,5", got "${trimmed}"`);
    }
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** The mask of those CPUs as the kernel's hexadecimal groups of 32 bits: `1,0000000f`. */
export function formatCpuMask(cpus: readonly number[]): string {
  const mask = cpus.reduce((bits, cpu) => bits | (1n << BigInt(cpu)), 0n);
  const digits = mask.toString(16);
  const groups = [];
  for (let end = digits.length; end > 0; end -= 8) {
    groups.unshift(digits.slice(Math.max(0, end - 8), end));
  }
  return groups.join(',');
}
