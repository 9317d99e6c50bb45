import type { z } from 'zod';
import type { RunFolder } from '../run-folder/run-folder.js';

/** What an instrument says of one run. */
export interface RunOf<Figures> {
  readonly seed: number;
  readonly figures: Figures;
}

/**
 * An instrument observes runs. It is a folder with what records on the site (record.ts), the names and
 * formats of what that leaves (artifacts.ts), and what is computed from it, which is all in here: pure
 * functions of run folders, at any time, without the site.
 */
export interface Instrument<Figures, Section> {
  readonly name: string;
  /** Of its section of a result, for one method. */
  readonly section: z.ZodType<Section>;
  /**
   * The figures of a run.
   * @returns undefined if the run has not what the instrument records
   * @throws EvenkeelError if an artifact is not as expected
   */
  analyze(folder: RunFolder): Promise<Figures | undefined>;
  /** The section of a method from its runs, by seed; one at least. */
  summarize(runs: readonly RunOf<Figures>[]): Section;
  /** The section as text for a terminal. Without it, a table of all methods shows the section (reporters/). */
  text?(method: MethodName, section: Section): string;
  /** Files for other tools, by name, that the analysis leaves in the run's folder. */
  derived?(figures: Figures): Readonly<Record<string, string>>;
}

export interface MethodName {
  readonly id: string;
  /** Release of the host's kernel. */
  readonly kernel: string;
}
