import type { z } from 'zod';
import type { SpecPart } from '../plan/run-spec.js';
import { EvenkeelError } from '../process/errors.js';
import type { RunFolder } from '../run-folder/run-folder.js';
import { caches } from './caches/instrument.js';
import { cpu } from './cpu/instrument.js';
import type { Instrument, MethodName, RunOf } from './instrument.js';
import { inversions } from './inversions/instrument.js';
import { path } from './path/instrument.js';
import { throughput } from './throughput/instrument.js';
import { wire } from './wire/instrument.js';

/** The instruments that there are; a new one is a folder and a line here, and one in recorders.ts. */
export const instruments = { wire, throughput, cpu, path, inversions, caches } as const;

export type Instruments = typeof instruments;
export type InstrumentId = keyof Instruments;

/** The sections of a method, by instrument; one is missing if no run has what it needs. */
export type Sections = {
  -readonly [Id in InstrumentId]?: Instruments[Id] extends Instrument<infer _, infer Section>
    ? Section
    : never;
};

/** What every run has: who compares runs wants to know all three. */
export const basicInstruments: readonly SpecPart[] = [wire, throughput, cpu].map(({ name }) => ({
  name,
}));

/** The schemas of the sections, for the envelope. */
export function sectionSchemas(): { [Id in InstrumentId]: z.ZodType<Sections[Id]> } {
  const entries = Object.entries(instruments).map(([id, { section }]) => [id, section.optional()]);
  return Object.fromEntries(entries);
}

/**
 * The sections of a method from its runs, and the files for other tools that belong to each run.
 * @param folders of one method, by seed
 * @throws EvenkeelError if an artifact is not as expected, or only some of the runs have it; it names the artifact
 *   or the runs
 */
export async function analyzeRuns(folders: readonly RunFolder[]): Promise<{
  sections: Sections;
  derived: ReadonlyMap<RunFolder, Readonly<Record<string, string>>>;
}> {
  const sections: Record<string, unknown> = {};
  const derived = new Map<RunFolder, Record<string, string>>();
  for (const [id, instrument] of Object.entries(instruments) as [string, AnyInstrument][]) {
    const runs: RunOf<unknown>[] = [];
    const without: RunFolder[] = [];
    for (const folder of folders) {
      const figures = await instrument.analyze(folder);
      if (figures === undefined) {
        without.push(folder);
        continue;
      }
      runs.push({ seed: folder.facts.seed, figures });
      derived.set(folder, { ...derived.get(folder), ...instrument.derived?.(figures) });
    }
    if (runs.length === 0) continue;
    if (without.length > 0) throw incomplete(id, without);
    sections[id] = instrument.summarize(runs);
  }
  return { sections: sections as Sections, derived };
}

/** Figures of fewer seeds than the others of a method would be compared with them unnoticed. */
function incomplete(instrument: string, without: readonly RunFolder[]): EvenkeelError {
  const paths = without.map(({ path }) => path);
  return new EvenkeelError(
    `${paths.join(', ')}: no artifacts of the instrument ${instrument}, which other runs of the method have`,
    {
      fields: { instrument, paths },
      hints: [
        'Copy these folders again as a whole, or remove them and run the same command again.',
      ],
    },
  );
}

/** The sections of a method as text, in the order of the instruments that have one. */
export function sectionTexts(method: MethodName, sections: Sections): string[] {
  return (Object.entries(instruments) as [InstrumentId, AnyInstrument][]).flatMap(
    ([id, instrument]) => {
      const section = sections[id];
      return section === undefined || instrument.text === undefined
        ? []
        : [instrument.text(method, section)];
    },
  );
}

/** One whose figures and section are known to itself alone. */
interface AnyInstrument {
  analyze(folder: RunFolder): Promise<unknown>;
  summarize(runs: readonly RunOf<unknown>[]): unknown;
  text?(method: MethodName, section: unknown): string;
  derived?(figures: unknown): Readonly<Record<string, string>>;
}
