import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { formatJson, parseValidatedJson } from '../../../process/json.js';
import { makeFolder, makeOutputFolder } from '../../../process/output.js';
import { type Inputs, keyOf, sha256OfFile } from './keys.js';
import { type LockOptions, ProcessLock } from './lock.js';

/** Something to have in the cache: what it is, and all that decides about its content. */
export interface EntrySpecification {
  /** What the entry is; part of its name. */
  readonly kind: string;
  readonly inputs: Inputs;
}

export interface Entry {
  readonly kind: string;
  readonly key: string;
  readonly directory: string;
  /** What the entry was made from, for people: package names and versions. */
  readonly versions: Readonly<Record<string, string>>;
  /** The hash of each file that others use, by path relative to `directory`. */
  readonly files: Readonly<Record<string, string>>;
}

/** The hash of one of the entry's files that others use. */
export function hashOf({ directory, files }: Entry, file: string): string {
  const hash = files[file];
  if (hash === undefined) throw new Error(`${directory}: no hash of ${file}`);
  return hash;
}

/** Where an entry is made. */
export interface BuildPlace {
  /** What is here when the build ends is the entry. */
  readonly directory: string;
  /** For what the build needs on the way; gone when it ends. */
  readonly scratch: string;
  /** Where the output of the build's commands is appended. */
  readonly logFile: string;
}

/** What a build says of the entry that it made. */
export interface BuildResult {
  readonly versions: Readonly<Record<string, string>>;
  /** The files that others use, relative to the entry. */
  readonly files: readonly string[];
}

export interface CacheOptions extends LockOptions {
  /** Removes folders whose content may belong to root. */
  readonly remove: (paths: readonly string[]) => Promise<void>;
}

const manifestName = 'entry.json';
const temporaryPrefix = 'building-';
const manifestSchema = z.strictObject({
  schema: z.literal(1),
  kind: z.string(),
  key: z.string(),
  inputs: z.json(),
  versions: z.record(z.string(), z.string()),
  files: z.record(z.string(), z.string()),
});

/** $XDG_CACHE_HOME/evenkeel; the XDG specification has relative paths ignored. */
export function cacheDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const { XDG_CACHE_HOME = '' } = environment;
  return join(isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache'), 'evenkeel');
}

/**
 * A folder of things that are slow to make. An entry is named after what it is made from, appears
 * complete or not at all, and never changes.
 *
 * One process at a time adds entries: it holds the lock from its first build to the end of its last.
 * So a half-made entry that the holder finds belongs to a process that is dead. Reading takes no lock.
 */
export class Cache {
  readonly directory: string;
  readonly #options: CacheOptions;
  readonly #builds = new Map<string, Promise<Entry>>();
  #lock: Promise<ProcessLock> | undefined;
  #lockUsers = 0;
  #released: Promise<void> = Promise.resolve();

  constructor(directory: string, options: CacheOptions) {
    this.directory = directory;
    this.#options = options;
  }

  async find({ kind, inputs }: EntrySpecification): Promise<Entry | undefined> {
    const directory = join(this.directory, `${kind}-${keyOf(inputs)}`);
    const path = join(directory, manifestName);
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const { key, versions, files } = parseValidatedJson(path, text, manifestSchema);
    return { kind, key, directory, versions, files };
  }

  /** Finds the entry, or makes it with `build`; two that want the same at a time share one build. */
  async ensure(
    specification: EntrySpecification,
    build: (place: BuildPlace) => Promise<BuildResult>,
  ): Promise<Entry> {
    const name = `${specification.kind}-${keyOf(specification.inputs)}`;
    const running = this.#builds.get(name);
    if (running !== undefined) return running;
    const started = this.#findOrBuild(specification, build);
    this.#builds.set(name, started);
    try {
      return await started;
    } finally {
      this.#builds.delete(name);
    }
  }

  /** Runs `work` while no other process changes the cache. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    this.#lockUsers += 1;
    try {
      this.#lock ??= this.#acquire();
      await this.#lock;
      return await work();
    } finally {
      this.#lockUsers -= 1;
      if (this.#lockUsers === 0) await this.#release();
    }
  }

  /** The file that gets the output of the steps with this name. */
  async logFile(name: string): Promise<string> {
    const directory = join(this.directory, 'logs');
    await makeFolder(directory);
    return join(directory, `${name}.log`);
  }

  async #acquire(): Promise<ProcessLock> {
    // Its own previous lock would otherwise look like that of another process.
    await this.#released;
    await makeOutputFolder(this.directory, 'XDG_CACHE_HOME');
    const lock = await ProcessLock.acquire(join(this.directory, 'lock'), this.#options);
    try {
      await this.#removeAbandoned();
      return lock;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async #release(): Promise<void> {
    const lock = this.#lock;
    this.#lock = undefined;
    // A lock that was not to be had has been reported to all who waited for it.
    const release = async () => (await lock?.catch(() => undefined))?.release();
    this.#released = release();
    await this.#released;
  }

  async #removeAbandoned(): Promise<void> {
    const names = await readdir(this.directory);
    const abandoned = names.filter((name) => name.startsWith(temporaryPrefix));
    if (abandoned.length === 0) return;
    await this.#options.remove(abandoned.map((name) => join(this.directory, name)));
  }

  async #findOrBuild(
    specification: EntrySpecification,
    build: (place: BuildPlace) => Promise<BuildResult>,
  ): Promise<Entry> {
    const existing = await this.find(specification);
    if (existing !== undefined) return existing;
    // Looks again: the process that had the lock may have made it.
    return this.exclusively(
      async () => (await this.find(specification)) ?? (await this.#build(specification, build)),
    );
  }

  async #build(
    { kind, inputs }: EntrySpecification,
    build: (place: BuildPlace) => Promise<BuildResult>,
  ): Promise<Entry> {
    const key = keyOf(inputs);
    const name = `${kind}-${key}`;
    const temporary = join(this.directory, `${temporaryPrefix}${name}`);
    const place: BuildPlace = {
      directory: join(temporary, 'entry'),
      scratch: join(temporary, 'scratch'),
      logFile: await this.logFile(name),
    };
    await makeFolder(place.directory);
    await mkdir(place.scratch);
    await writeFile(place.logFile, '');
    const finish = async () => {
      const { versions, files: names } = await build(place);
      const hashes = names.map(
        async (file) => [file, await sha256OfFile(join(place.directory, file))] as const,
      );
      const files = Object.fromEntries(await Promise.all(hashes));
      const manifest = { schema: 1, kind, key, inputs, versions, files };
      await writeFile(join(place.directory, manifestName), formatJson(manifest));
      const directory = join(this.directory, name);
      await rename(place.directory, directory);
      return { kind, key, directory, versions, files };
    };
    try {
      return await finish();
    } finally {
      // The next build removes what this cannot; the build's own error says more than that of the removal.
      await this.#options.remove([temporary]).catch(() => undefined);
    }
  }
}
