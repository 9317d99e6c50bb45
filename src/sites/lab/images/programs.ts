import { basename, join, resolve } from 'node:path';
import { digestOf } from '../../../process/digest.js';
import type { Entry } from '../cache/cache.js';
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
const gcc = 'gcc -O2 -Wall -Wextra -Werror -static -I. $DEFINES';
const compileScript = `
cd /mnt/source
find . -name '*.c' | while read -r source; do
  name=\${source##*/}
  ${gcc} -o "/mnt/entry/\${name%.c}" "$source"
done
chown "$OWNER" /mnt/entry/*
`;

const linkedProgram = 'program';
const linkScript = `
cd /mnt/source
${gcc} -o /mnt/entry/${linkedProgram} $(find . -name '*.c' | sort)
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
  const programsOf = (cFiles: readonly string[]) => cFiles.map((file) => basename(file, '.c'));
  const recipe = { script: compileScript, defines, programsOf };
  const entry = await compile(context, name, sourceDirectory, recipe, builder);
  return { directory: entry.directory, sha256: digestOf(entry.files) };
}

/**
 * Compiles all C files below `sourceDirectory` into one program that needs no library.
 * @param name what the program is, for people
 * @returns its path
 */
export async function buildProgram(
  context: BuildContext,
  name: string,
  sourceDirectory: string,
  builder: Promise<Builder>,
): Promise<string> {
  const recipe = { script: linkScript, defines: {}, programsOf: () => [linkedProgram] };
  const entry = await compile(context, name, sourceDirectory, recipe, builder);
  return join(entry.directory, linkedProgram);
}

interface Recipe {
  readonly script: string;
  readonly defines: Readonly<Record<string, string | number>>;
  /** The names of the programs that the script makes. */
  readonly programsOf: (cFiles: readonly string[]) => string[];
}

async function compile(
  context: BuildContext,
  name: string,
  sourceDirectory: string,
  { script, defines, programsOf }: Recipe,
  builder: Promise<Builder>,
): Promise<Entry> {
  const source = resolve(sourceDirectory);
  const sources = await sourceFiles(source, /\.[ch]$/);
  const programs = programsOf(Object.keys(sources).filter((path) => path.endsWith('.c')));
  const { key, tree } = await builder;
  const inputs = { builder: key, sources, defines, script };
  return context.cache.ensure({ kind: 'programs', inputs }, async (place) => {
    await context.progress.task(`compile ${name}`, () =>
      runInBuilder(context, place, {
        layers: [tree],
        binds: [
          { source, target: '/mnt/source' },
          { source: place.directory, target: '/mnt/entry', writable: true },
        ],
        script,
        environment: { DEFINES: definesArguments(defines) },
        timeoutMs: compileTimeoutMs,
      }),
    );
    return { versions: {}, files: programs };
  });
}

function definesArguments(defines: Readonly<Record<string, string | number>>): string {
  return Object.entries(defines)
    .map(([name, value]) => `-D${name}=${value}`)
    .join(' ');
}
