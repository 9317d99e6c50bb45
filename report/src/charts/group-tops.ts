const gap = 6;

/** Where each group of rows begins if they stand below each other, and after them where the last one ends. */
export function groupTops(heights: readonly number[]): number[] {
  const tops = [0];
  for (const height of heights) tops.push((tops.at(-1) ?? 0) + height + gap);
  return tops;
}
