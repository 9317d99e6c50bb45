import { z } from 'zod';
import type { SpecPart } from '../plan/run-spec.js';
import type { CapturedFrame } from '../traces/pcap.js';
import { hostNsSchema, type Ns, type WireNs } from '../traces/time.js';

/** A request, and its response, at the wire. */
export interface ResponseSample {
  /** Address of the Critical RT server. */
  readonly server: string;
  readonly sequence: number;
  /** When the request passed the wire. */
  readonly requestNs: WireNs;
  /** From the request at the wire to its response at the wire. */
  readonly responseTimeNs: Ns;
}

export interface ResponseTimes {
  /** In the order of the requests. */
  readonly samples: readonly ResponseSample[];
  /** Requests without a response. */
  readonly lost: number;
}

/**
 * What a client prints when it has ended: the window of its measurement on the host's CLOCK_MONOTONIC, in
 * nanoseconds, and what else it wants to say.
 */
export const clientReportSchema = z.looseObject({ startNs: hostNsSchema, endNs: hostNsSchema });

/** Preprocessor macros and their values. */
export type Macros = Readonly<Record<string, string | number>>;

/** Program and arguments. A program that stands by itself is one of the workloads' own. */
export type ProgramCommand = readonly [string, ...string[]];

/**
 * What the Critical RT servers do, and the clients that ask them. A workload is a folder with its server,
 * its client, and the matcher of its messages at the wire.
 */
export interface Workload<Options> {
  readonly name: string;
  /** Of its part of a RunSpec. */
  readonly options: z.ZodType<Options>;
  /** Preprocessor macros of its C programs, if they share numbers with its TypeScript. */
  readonly macros?: Macros;
  /**
   * The server.
   * @param address where it answers; all addresses of its system if undefined
   */
  server(options: Options, address?: string): ProgramCommand;
  /**
   * The client of one server. It prints a report (`clientReportSchema`) as JSON, and ends.
   * @param seed of its intervals
   */
  client(options: Options, address: string, seed: number): ProgramCommand;
  /** For how long a client works at most, in milliseconds. */
  longestMs(options: Options): number;
  /** How many requests each server gets. */
  requests(options: Options): number;
  /** Matches the responses in a capture to their requests. */
  match(frames: Iterable<CapturedFrame>): ResponseTimes;
}

/** A workload with the options that a RunSpec gives it. */
export interface PlannedWorkload {
  readonly server: (address?: string) => ProgramCommand;
  readonly client: (address: string, seed: number) => ProgramCommand;
  readonly longestMs: number;
  readonly requests: number;
  readonly match: (frames: Iterable<CapturedFrame>) => ResponseTimes;
}

/** A workload whose options' type is known to itself alone. */
export interface AnyWorkload {
  readonly name: string;
  readonly macros: Macros;
  /** @throws EvenkeelError if the options are not as the workload's schema says */
  plan(part: SpecPart): PlannedWorkload;
}
