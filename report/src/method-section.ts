import type { InstrumentId, Sections } from '../../src/instruments/registry.ts';
import type { MethodResult } from '../../src/results/schema.ts';
import { seriesColor, seriesDash } from './charts/palette.ts';

/** A method's section of one instrument, with what tells the method from the others. */
export interface MethodSection<Id extends InstrumentId> {
  readonly id: string;
  readonly title: string;
  readonly section: Required<Sections>[Id];
  /** The same in every figure, also where other methods lack the section. */
  readonly color: string;
  readonly dash: string;
}

/** The section of this instrument of each method that has one. */
export function methodSections<Id extends InstrumentId>(
  methods: readonly MethodResult[],
  instrument: Id,
): MethodSection<Id>[] {
  return methods.flatMap(({ id, title, sections }, index) => {
    const section = sections[instrument] as Required<Sections>[Id] | undefined;
    if (section === undefined) return [];
    return [{ id, title, section, color: seriesColor(index), dash: seriesDash(index) }];
  });
}
