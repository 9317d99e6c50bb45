import type { Figure } from '../../src/statistics/figure.ts';
import { isShown } from '../../src/statistics/resolution.ts';
import type { MethodSection } from './method-section.ts';

/**
 * Outsourcing, and what is left of it without one of its techniques: `ablationMethodIds` of
 * src/methods/catalogue.ts, which would bring all methods into the page.
 */
export const ablationMethods = [
  'outsourcing',
  'rt-softirq',
  'outsourcing-alone',
  'outsourcing-interrupt',
] as const;

const [whole] = ablationMethods;

/** A figure of a method divided by that of outsourcing. */
export interface RelativeFigure {
  readonly name: 'mean' | 'p99';
  readonly us: number;
  /** Its interval is that of the method's own figure, divided by the same number. */
  readonly ratio: Figure;
}

export interface RelativeMethod {
  readonly id: string;
  readonly title: string;
  readonly figures: readonly RelativeFigure[];
}

/**
 * What each technique of outsourcing contributes, if that is what the methods were run for: all of them are
 * outsourcing or lack one of its techniques. Otherwise there are none.
 */
export function relativeToOutsourcing(methods: readonly MethodSection<'wire'>[]): RelativeMethod[] {
  const reference = methods.find(({ id }) => id === whole)?.section.summary;
  const known: readonly string[] = ablationMethods;
  const isAblation = methods.length > 1 && methods.every(({ id }) => known.includes(id));
  if (reference === undefined || !isAblation) return [];
  return methods.map(({ id, title, section: { summary } }) => ({
    ...{ id, title },
    figures: (['mean', 'p99'] as const).flatMap((name) => {
      const isTold = [summary, reference].every(({ n }) => isShown(name, n.value));
      if (!isTold || reference[name].value === 0) return [];
      const ratio = divided(summary[name], reference[name].value);
      return [{ name, us: summary[name].value, ratio }];
    }),
  }));
}

function divided({ value, ci95 }: Figure, by: number): Figure {
  return { value: value / by, ci95: ci95 === null ? null : [ci95[0] / by, ci95[1] / by] };
}
