import { resolve } from 'node:path';
import { digestOf, sourceFiles } from '../cache/keys.js';
import { type Builder, runInBuilder } from './builder.js';
import type { BuildContext } from './context.js';

export interface Workloads {
  /** Folder with an executable for each C file, named after it. */
  readonly directory: string;
  /** Hash over all executables. */
  readonly sha256: string;
}

const compileTimeoutMs = 5 * 60_000;
const compileScript = `
cd /mnt/source
for source in *.c; do
  gcc -O2 -Wall -Wextra -Werror -static -o "/mnt/entry/\${source%.c}" "$source"
done
chown "$OWNER" /mnt/entry/*
`;

/** Compiles each C file in `sourceDirectory` into a program that needs no library. */
export async function buildWorkloads(
  context: BuildContext,
  sourceDirectory: string,
  builder: Promise<Builder>,
): Promise<Workloads> {
  const source = resolve(sourceDirectory);
  const sources = await sourceFiles(source, /\.[ch]$/);
  const programs = Object.keys(sources)
    .filter((name) => /^[^/]+\.c$/.test(name))
    .map((name) => name.slice(0, -'.c'.length));
  const { key, tree } = await builder;
  const inputs = { builder: key, sources, script: compileScript };
  const entry = await context.cache.ensure({ kind: 'workloads', inputs }, async (place) => {
    await context.progress.task('compile the workloads', () =>
      runInBuilder(context, place, {
        layers: [tree],
        binds: [
          { source, target: '/mnt/source' },
          { source: place.directory, target: '/mnt/entry', writable: true },
        ],
        script: compileScript,
        timeoutMs: compileTimeoutMs,
      }),
    );
    return { versions: {}, files: programs };
  });
  return { directory: entry.directory, sha256: digestOf(entry.files) };
}
