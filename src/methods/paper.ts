/**
 * Figures of the paper, measured on hardware in 2018. They are a labelled reference beside our
 * own, never an expectation: the machine, the kernels and the clock are others.
 */

export const paperCitation =
  'O. F. Garcia, Y. Shinjo, C. Pu, IEEE Access 2018, doi:10.1109/ACCESS.2018.2877296, ' +
  'Table 3 and section IV-B';

export interface PaperFigures {
  readonly meanUs: number;
  readonly p99Us: number;
  /** Null where our copy of the paper lacks the number. */
  readonly sdUs: number | null;
  /** Total of the two Heavy Receivers on two 10-Gbit/s links. */
  readonly heavyGbps: number;
}

/** By the method's id; methods that the paper does not have are missing. */
export const paperFigures: ReadonlyMap<string, PaperFigures> = new Map([
  ['vanilla', { meanUs: 92.5, p99Us: 225.0, sdUs: 29.2, heavyGbps: 18.8 }],
  ['threaded', { meanUs: 100.8, p99Us: 202.9, sdUs: 29.0, heavyGbps: 17.8 }],
  ['exclusive', { meanUs: 70.5, p99Us: 96.0, sdUs: 11.8, heavyGbps: 10.4 }],
  ['outsourcing', { meanUs: 32.9, p99Us: 46.8, sdUs: null, heavyGbps: 18.8 }],
]);
