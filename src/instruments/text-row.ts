/**
 * Makes the lines of a text table: a name to the left, figures to the right of it, each so wide.
 * @param widths in characters
 */
export function textRows(widths: {
  name: number;
  figure: number;
}): (name: string, cells: readonly string[]) => string {
  return (name, cells) => {
    const text = cells.map((cell) => cell.padStart(widths.figure)).join('');
    return `  ${name.padEnd(widths.name)}${text}`.trimEnd();
  };
}

/** `seed 1`, `seeds 1, 2`. */
export function seedsText(seeds: readonly number[]): string {
  return `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;
}
