import { z } from 'zod';
import { decimalBigint } from '../../process/json.js';
import { type ArtifactFile, parseArtifact, type RunFolder } from '../../run-folder/run-folder.js';
import { type KernelTicks, type ProbeDump, parseProbeDump } from '../../traces/probe-dump.js';
import type { GuestTicks, HostTicks } from '../../traces/time.js';
import type { ResponseTimes } from '../../workloads/workload.js';
import { type ThreadSnapshot, threadFiles, threadSnapshotSchema } from '../cpu/artifacts.js';
import { responsesAtWire } from '../wire/artifacts.js';

export const probeFiles = {
  /** What the probes were, and how to read the clocks: `probesSchema`. */
  description: 'probes.json',
  /** What they recorded (kernel/probe/buffer.c). */
  host: 'probes-host.bin',
  guest: 'probes-guest.bin',
} as const;

const signedBigint = z.codec(z.string().regex(/^-?\d{1,20}$/), z.bigint(), {
  decode: BigInt,
  encode: String,
});

/** The points that took time-stamps, and the guest's clock, if a guest had any. */
export const probesSchema = z.strictObject({
  schema: z.literal('evenkeel.probes/1'),
  /** What else a point has is for who takes the time-stamps. */
  points: z.array(
    z.looseObject({
      number: z.int().nonnegative(),
      name: z.string(),
      kernel: z.enum(['host', 'guest']),
    }),
  ),
  /** The guest's time-stamp counter is the host's, times ratio / 2^fractionBits, plus offset, modulo 2^64. */
  guestClock: z
    .strictObject({
      offset: signedBigint,
      scaling: z
        .strictObject({ ratio: decimalBigint, fractionBits: z.int().min(1).max(63) })
        .nullable(),
    })
    .nullable(),
});
export type Probes = z.infer<typeof probesSchema>;

/** What a run with probes has left. */
export interface ProbeArtifacts {
  readonly responses: ResponseTimes;
  readonly threads: ThreadSnapshot;
  readonly probes: Probes;
  readonly host: ProbeDump<HostTicks>;
  /** Undefined if no guest had points. */
  readonly guest: ProbeDump<GuestTicks> | undefined;
}

/** @throws EvenkeelError if a file is missing or is not as its schema says */
export async function readProbeArtifacts(folder: RunFolder): Promise<ProbeArtifacts> {
  const probes = await folder.readJson(probeFiles.description, probesSchema);
  return {
    responses: await responsesAtWire(folder),
    threads: await folder.readJson(threadFiles.before, threadSnapshotSchema),
    probes,
    host: parseDump<HostTicks>(await folder.read(probeFiles.host)),
    guest:
      probes.guestClock === null
        ? undefined
        : parseDump<GuestTicks>(await folder.read(probeFiles.guest)),
  };
}

function parseDump<Ticks extends KernelTicks>(file: ArtifactFile): ProbeDump<Ticks> {
  return parseArtifact(file, parseProbeDump<Ticks>);
}
