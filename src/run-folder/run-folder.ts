import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import { EvenkeelError, withMessage } from '../process/errors.js';
import { parseValidatedJson } from '../process/json.js';
import { parseRunFacts, type RunFacts } from './facts.js';
import { failedSuffix, partialSuffix, runFiles } from './names.js';

export interface ArtifactFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** A run folder for reading: what was run, and the artifacts by name. It remembers which were read. */
export class RunFolder {
  readonly path: string;
  readonly facts: RunFacts;
  readonly #names: ReadonlySet<string>;
  readonly #read = new Map<string, ArtifactFile>();

  private constructor(names: readonly string[], manifest: ArtifactFile) {
    this.path = dirname(manifest.path);
    this.#names = new Set(names);
    this.#read.set(runFiles.manifest, manifest);
    this.facts = parseRunFacts(manifest.path, manifest.bytes.toString());
  }

  /** @throws EvenkeelError if there is no run, or its manifest is not as its schema says */
  static async open(path: string): Promise<RunFolder> {
    const manifest = await readArtifact(join(path, runFiles.manifest));
    return new RunFolder(await readdir(path), manifest);
  }

  /** Whether the run has left a file of that name. */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** @throws EvenkeelError that says which artifact is missing */
  async read(name: string): Promise<ArtifactFile> {
    const file = this.#read.get(name) ?? (await readArtifact(join(this.path, name)));
    this.#read.set(name, file);
    return file;
  }

  /**
   * Parses an artifact.
   * @throws EvenkeelError that names the artifact, if `parse` throws one
   */
  async parse<T>(name: string, parse: (bytes: Buffer) => T): Promise<T> {
    return parseArtifact(await this.read(name), parse);
  }

  /** @throws EvenkeelError that names the artifact if it is not as the schema says */
  async readJson<T>(name: string, schema: z.ZodType<T>): Promise<T> {
    const { path, bytes } = await this.read(name);
    return parseValidatedJson(path, bytes.toString(), schema);
  }

  /** The artifacts that were read, by name. */
  get filesRead(): ArtifactFile[] {
    return [...this.#read].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
  }

  /** The run of the same method and seed that the sweep has made as another variant; undefined if there is none. */
  async variant(name: string): Promise<RunFolder | undefined> {
    const methodFolder = dirname(this.path);
    const path = join(dirname(methodFolder), name, basename(methodFolder), basename(this.path));
    return (await isRun(path)) ? RunFolder.open(path) : undefined;
  }
}

/** Parses an artifact. @throws EvenkeelError that names it, if `parse` throws one */
export function parseArtifact<T>({ path, bytes }: ArtifactFile, parse: (bytes: Buffer) => T): T {
  try {
    return parse(bytes);
  } catch (error) {
    if (!(error instanceof EvenkeelError)) throw error;
    throw withMessage(error, `${path}: ${error.message}`);
  }
}

/**
 * The paths of the runs in a folder: those of a sweep, or the folder itself if it is a run.
 * @throws EvenkeelError if there is none
 */
export async function findRuns(directory: string): Promise<string[]> {
  const candidates = [directory];
  for (const method of await folders(directory)) candidates.push(...(await folders(method)));
  const runs = [];
  for (const candidate of candidates) {
    if (await isRun(candidate)) runs.push(candidate);
  }
  if (runs.length === 0) {
    throw new EvenkeelError(`${directory} holds no run`, {
      hints: ['Make one with `evenkeel run` or `evenkeel compare` and give its --out folder.'],
    });
  }
  return runs;
}

async function folders(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !isUnfinished(entry.name))
      .map(({ name }) => join(directory, name))
      .sort();
  } catch (cause) {
    throw new EvenkeelError(`cannot read ${directory}: ${(cause as Error).message}`, { cause });
  }
}

function isUnfinished(name: string): boolean {
  return name.endsWith(partialSuffix) || name.endsWith(failedSuffix);
}

async function isRun(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch(() => [] as string[]);
  return names.includes(runFiles.manifest);
}

async function readArtifact(path: string): Promise<ArtifactFile> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new EvenkeelError(`cannot read an artifact: ${cause.message}`, {
      cause,
      hints: ['The run may have been interrupted; repeat it.'],
    });
  });
  return { path, bytes };
}
