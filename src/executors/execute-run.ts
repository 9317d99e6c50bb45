import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { RunSpec } from '../plan/run-spec.js';
import { requireDiskSpace } from '../process/disk-space.js';
import { afterMove, EvenkeelError } from '../process/errors.js';
import { parseValidatedJson, writeJsonFile } from '../process/json.js';
import { makeOutputFolder, outputFailure } from '../process/output.js';
import { withFolder } from '../run-folder/lock.js';
import { type RunIdentity, type RunManifest, runManifestSchema } from '../run-folder/manifest.js';
import { failedSuffix, partialSuffix, runFiles } from '../run-folder/names.js';
import type { Site } from '../sites/site.js';

/**
 * Executes a run once and leaves its artifacts in `directory`. A run of the same identity that is there
 * already is kept.
 *
 * @param onStep called with what the site is doing
 * @throws EvenkeelError if the run fails; what it wrote stays in `<directory>.failed`
 */
export async function executeRun(
  site: Site,
  spec: RunSpec,
  directory: string,
  onStep: (step: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const identity = site.identify(spec);
  if (await isThere(directory, identity)) {
    onStep('kept from an earlier run');
    return;
  }
  await requireRunFolder(directory);
  await requireDiskSpace(directory, site.neededDiskBytes, '--out');
  const partial = `${directory}${partialSuffix}`;
  const failed = `${directory}${failedSuffix}`;
  await withFolder(partial, directory, signal, async () => {
    // What a process that was killed has left.
    for (const name of await readdir(partial)) await rm(join(partial, name), { recursive: true });
    await rm(failed, { recursive: true, force: true });
    try {
      const report = await site.execute(spec, partial, onStep, signal);
      const manifest: RunManifest = { schema: 'evenkeel.run/2', ...identity, ...report };
      // Written last: a folder without it holds no run.
      await writeJsonFile(join(partial, runFiles.manifest), z.encode(runManifestSchema, manifest));
    } catch (error) {
      if (signal.aborted) await rm(partial, { recursive: true, force: true });
      else await rename(partial, failed);
      throw afterMove(error, partial, failed);
    }
    await rm(directory, { recursive: true, force: true });
    await rename(partial, directory);
  });
}

async function isThere(directory: string, identity: RunIdentity): Promise<boolean> {
  const path = join(directory, runFiles.manifest);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  let manifest: RunManifest;
  try {
    manifest = parseValidatedJson(path, text, runManifestSchema);
  } catch {
    // Another version of this program has made it, or it was damaged: not the same run.
    return false;
  }
  const { schema: _schema, settings: _settings, window: _window, ...found } = manifest;
  return isDeepStrictEqual(found, identity);
}

/**
 * Makes sure that a run can leave its artifacts in `directory`; what takes long is better done after that.
 * @throws EvenkeelError if nothing can be written there, or something else is there already
 */
export async function requireRunFolder(directory: string): Promise<void> {
  await makeOutputFolder(dirname(directory), '--out');
  await requireReplaceable(directory);
}

/** A run replaces another one, but nothing else that the user has there. */
async function requireReplaceable(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [] as string[];
    throw outputFailure(directory, error, 'choose another folder with --out');
  });
  if (names.length > 0 && !names.includes(runFiles.manifest)) {
    throw new EvenkeelError(`${directory} is not empty, and what is there is no run`, {
      hints: ['Give another folder with --out.'],
    });
  }
}
