import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/**
 * A directory that is deleted after the test.
 * @param atEnd `onTestFinished` of the test's context, if other tests run at the same time
 */
export async function temporaryDirectory(atEnd = onTestFinished): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-test-'));
  atEnd(() => rm(directory, { recursive: true }));
  return directory;
}
