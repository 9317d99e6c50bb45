import { basename, resolve } from 'node:path';
import { digestOf } from '../../../process/digest.js';
import { sourceFiles } from '../cache/keys.js';
import { type Builder, runInBuilder } from './builder.js';
import type { BuildContext } from './context.js';

/** Programs that need no library. */
export interface Programs {
  /** Folder with an executable for each C file, named after it. */
  readonly directory: string;
  /** Hash over all executables. */
  readonly sha256: string;
}

const compileTimeoutMs = 5 * 60_000;
const compileScript = `
cd /mnt/source
find . -name '*.c' | while read -r source; do
  name=\${source##*/}
  gcc -O2 -Wall -Wextra -Werror -static -I. $DEFINES -o "/mnt/entry/\${name%.c}" "$source"
done
chown "$OWNER" /mnt/entry/*
`;

/**
 * Compiles each C file below `sourceDirectory` into a program that needs no library.
 * @param name what the programs are, for people
 * @param defines preprocessor macros and their values
 */
export async function buildPrograms(
  context: BuildContext,
  name: string,
  sourceDirectory: string,
  defines: Readonly<Record<string, string | number>>,
  builder: Promise<Builder>,
): Promise<Programs> {
  const source = resolve(sourceDirectory);
  const sources = await sourceFiles(source, /\.[ch]$/);
  const programs = Object.keys(sources)
    .filter((name) => name.endsWith('.c'))
    .map((name) => basename(name, '.c'));
  const { key, tree } = await builder;
  const inputs = { builder: key, sources, defines, script: compileScript };
  const entry = await context.cache.ensure({ kind: 'programs', inputs }, async (place) => {
    await context.progress.task(`compile ${name}`, () =>
      runInBuilder(context, place, {
        layers: [tree],
        binds: [
          { source, target: '/mnt/source' },
          { source: place.directory, target: '/mnt/entry', writable: true },
        ],
        script: compileScript,
        environment: { DEFINES: definesArguments(defines) },
        timeoutMs: compileTimeoutMs,
      }),
    );
    return { versions: {}, files: programs };
  });
  return { directory: entry.directory, sha256: digestOf(entry.files) };
}

function definesArguments(defines: Readonly<Record<string, string | number>>): string {
  return Object.entries(defines)
    .map(([name, value]) => `-D${name}=${value}`)
    .join(' ');
}
