import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { cachesSchema } from '../instruments/caches/geometry.js';
import { EvenkeelError, withMessage } from '../process/errors.js';
import { parseValidatedJson } from '../process/json.js';
import { clockSchema, environmentSchema, loadSchema, settingSchema } from '../results/schema.js';
import { artifactNames } from './names.js';

const count = z.int().nonnegative();

/** JSON numbers lose precision above 2^53, so large integers are decimal strings in artifacts. */
const decimalBigint = z.codec(z.string().regex(/^\d{1,20}$/), z.bigint(), {
  decode: BigInt,
  encode: String,
});

/** From the first request to the last answer, on the host's CLOCK_MONOTONIC. */
export const measuredWindowSchema = z
  .strictObject({ startNs: decimalBigint, endNs: decimalBigint })
  .refine(({ startNs, endNs }) => startNs < endNs, 'startNs must be before endNs');

/** `run.json`; the collector writes it with `z.encode()`. */
export const runManifestSchema = z
  .strictObject({
    schema: z.literal('evenkeel.run/1'),
    method: z.strictObject({
      id: z.string(),
      title: z.string(),
      /** Of the settings that were asked for. */
      settingsSha256: z.string(),
    }),
    kernel: z.string(),
    seed: count,
    clock: clockSchema,
    environment: environmentSchema,
    load: loadSchema,
    settings: z.array(settingSchema),
    /** Of the program that ran on the host beside the load, if there was one. */
    hostScriptSha256: z.string().optional(),
    /** Of the points that took time-stamps, if there were any. */
    probesSha256: z.string().optional(),
    /** Those that the emulator modelled, if it did. */
    caches: cachesSchema.optional(),
    /** CPUs that the host's own threads and its VMs use; the load generator's CPU is not listed. */
    hostCpuNumbers: z.array(count).min(1),
    window: measuredWindowSchema,
  })
  .refine(({ environment, hostCpuNumbers }) => environment.hostCpus === hostCpuNumbers.length, {
    path: ['hostCpuNumbers'],
    error: 'must be as many as environment.hostCpus',
  });

/** A line of `heavy-<i>.jsonl`. */
export const ackedBytesSchema = z.strictObject({ tNs: decimalBigint, bytesAcked: decimalBigint });

/** `threads.before.json` and `threads.after.json`: the host's threads, none of a guest's. */
export const threadSnapshotSchema = z.array(
  z.strictObject({
    tid: count,
    /** Process that the thread belongs to. */
    pid: count,
    comm: z.string(),
    /** What the thread is to the experiment, e.g. `RT vCPU`. */
    class: z.string(),
    /** CPU time since the thread began. */
    runNs: decimalBigint,
  }),
);

const signedBigint = z.codec(z.string().regex(/^-?\d{1,20}$/), z.bigint(), {
  decode: BigInt,
  encode: String,
});

/** `probes.json`: the points that took time-stamps, and the guest's clock, if a guest had any. */
export const probesSchema = z.strictObject({
  schema: z.literal('evenkeel.probes/1'),
  /** What else a point has is for who takes the time-stamps. */
  points: z.array(
    z.looseObject({ number: count, name: z.string(), kernel: z.enum(['host', 'guest']) }),
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

export type RunManifest = z.infer<typeof runManifestSchema>;
export type MeasuredWindow = RunManifest['window'];
export type AckedBytes = z.infer<typeof ackedBytesSchema>;
export type ThreadSnapshot = z.infer<typeof threadSnapshotSchema>;
export type Probes = z.infer<typeof probesSchema>;

export interface ArtifactFile {
  readonly path: string;
  readonly bytes: Buffer;
}

export interface RunArtifacts {
  readonly manifest: RunManifest;
  readonly rtCapture: ArtifactFile;
  /** One for each Heavy Receiver. */
  readonly heavySeries: readonly ArtifactFile[];
  readonly procStatBefore: ArtifactFile;
  readonly procStatAfter: ArtifactFile;
  readonly threadsBefore: ThreadSnapshot;
  readonly threadsAfter: ThreadSnapshot;
  /** All files that were read, in a fixed order. */
  readonly files: readonly ArtifactFile[];
}

/**
 * Reads all artifacts of a run directory; other files in it are left alone.
 * @throws EvenkeelError if a file is missing or is not as its schema says.
 */
export async function readRunArtifacts(directory: string): Promise<RunArtifacts> {
  const files: ArtifactFile[] = [];
  const read = async (name: string): Promise<ArtifactFile> => {
    const file = await readArtifact(join(directory, name));
    files.push(file);
    return file;
  };

  const manifest = parseJsonArtifact(await read(artifactNames.manifest), runManifestSchema);
  return {
    manifest,
    rtCapture: await read(artifactNames.rtCapture),
    heavySeries: await readHeavySeries(manifest, read),
    procStatBefore: await read(artifactNames.procStatBefore),
    procStatAfter: await read(artifactNames.procStatAfter),
    threadsBefore: parseJsonArtifact(await read(artifactNames.threadsBefore), threadSnapshotSchema),
    threadsAfter: parseJsonArtifact(await read(artifactNames.threadsAfter), threadSnapshotSchema),
    files,
  };
}

/** What run.json says. @throws EvenkeelError if it is missing or is not as its schema says */
export async function readRunManifest(directory: string): Promise<RunManifest> {
  return parseJsonArtifact(
    await readArtifact(join(directory, artifactNames.manifest)),
    runManifestSchema,
  );
}

/** The frames of a run at the wire of the RT network. @throws EvenkeelError if they are missing */
export async function readRtCapture(directory: string): Promise<ArtifactFile> {
  return readArtifact(join(directory, artifactNames.rtCapture));
}

export interface ProbeArtifacts {
  readonly manifest: RunManifest;
  readonly rtCapture: ArtifactFile;
  readonly threads: ThreadSnapshot;
  readonly probes: Probes;
  readonly hostRecords: ArtifactFile;
  /** Undefined if no guest had points. */
  readonly guestRecords: ArtifactFile | undefined;
}

/**
 * Reads what a run with probes has left.
 * @throws EvenkeelError if a file is missing or is not as its schema says.
 */
export async function readProbeArtifacts(directory: string): Promise<ProbeArtifacts> {
  const read = (name: string) => readArtifact(join(directory, name));
  const probes = parseJsonArtifact(await read(artifactNames.probes), probesSchema);
  return {
    manifest: await readRunManifest(directory),
    rtCapture: await readRtCapture(directory),
    threads: parseJsonArtifact(await read(artifactNames.threadsBefore), threadSnapshotSchema),
    probes,
    hostRecords: await read(artifactNames.hostProbes),
    guestRecords: probes.guestClock === null ? undefined : await read(artifactNames.guestProbes),
  };
}

export interface CacheArtifacts {
  readonly manifest: RunManifest;
  /** When the model of the caches counted. */
  readonly window: MeasuredWindow;
  readonly counts: ArtifactFile;
  readonly threads: ThreadSnapshot;
  /** One for each Heavy Receiver. */
  readonly heavySeries: readonly ArtifactFile[];
}

/**
 * Reads what a run with a model of the caches has left.
 * @throws EvenkeelError if a file is missing or is not as its schema says.
 */
export async function readCacheArtifacts(directory: string): Promise<CacheArtifacts> {
  const read = (name: string) => readArtifact(join(directory, name));
  const manifest = await readRunManifest(directory);
  return {
    manifest,
    window: parseJsonArtifact(await read(artifactNames.cacheWindow), measuredWindowSchema),
    counts: await read(artifactNames.cacheCounts),
    threads: parseJsonArtifact(await read(artifactNames.threadsBefore), threadSnapshotSchema),
    heavySeries: await readHeavySeries(manifest, read),
  };
}

/** One for each Heavy Receiver. */
async function readHeavySeries(
  { environment }: RunManifest,
  read: (name: string) => Promise<ArtifactFile>,
): Promise<ArtifactFile[]> {
  const series: ArtifactFile[] = [];
  for (let vm = 0; vm < environment.heavyVms; vm += 1) {
    series.push(await read(artifactNames.heavySeries(vm)));
  }
  return series;
}

/** Runs a parser over an artifact; an EvenkeelError that it throws gets the artifact's path. */
export function parseArtifact<T>(file: ArtifactFile, parse: (bytes: Buffer) => T): T {
  try {
    return parse(file.bytes);
  } catch (error) {
    if (!(error instanceof EvenkeelError)) throw error;
    throw withMessage(error, `${file.path}: ${error.message}`);
  }
}

function parseJsonArtifact<T>(file: ArtifactFile, schema: z.ZodType<T>): T {
  return parseValidatedJson(file.path, file.bytes.toString(), schema);
}

async function readArtifact(path: string): Promise<ArtifactFile> {
  try {
    return { path, bytes: await readFile(path) };
  } catch (cause) {
    throw new EvenkeelError(`cannot read an artifact: ${(cause as Error).message}`, {
      cause,
      hints: ['A run that was interrupted leaves its directory incomplete; repeat the run.'],
    });
  }
}
