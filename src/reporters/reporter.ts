import type { Result } from '../results/schema.js';

/** What a reporter has made: a file in the folder of the runs, or text for stdout. */
export interface ReportFile {
  /** Relative to the folder; undefined for stdout. */
  readonly path?: string;
  readonly content: string | Uint8Array;
}

/** A format of output. */
export interface Reporter {
  /** One sentence, for people. */
  readonly summary: string;
  /**
   * @param directory the folder of the runs, for formats that show more than the result has
   * @throws EvenkeelError if the result has not what the format shows
   */
  render(result: Result, directory: string): Promise<readonly ReportFile[]>;
}
