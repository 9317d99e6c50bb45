/**
 * The colours of Okabe and Ito, which people with any kind of colour vision can tell apart; page.css
 * holds them, with a variant for dark screens. With more series than colours they start again, which
 * the dashes of lines keep apart.
 */
const colors = 8;
const dashes = ['none', '7 3', '2 3', '9 3 2 3'];

export function seriesColor(index: number): string {
  return `var(--series-${(index % colors) + 1})`;
}

export function seriesDash(index: number): string {
  return dashes[index % dashes.length] ?? 'none';
}
