import type { Result } from '../../src/results/schema.ts';

export function elementById(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no element #${id}`);
  return element;
}

/** The result that `src/reporters/html.ts` put into the page; it was validated before that. */
export function embeddedResult(): Result {
  const json = elementById('result').textContent ?? '';
  if (json === '') throw new Error('this is the template of a report: it has no result in it');
  return JSON.parse(json) as Result;
}
