import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EvenkeelError, InterruptedError } from '../errors.js';

const consoleLines = 8;

/**
 * Calls `work` with a folder for a run that leaves nothing behind.
 * @throws what `work` throws; an EvenkeelError takes the ends of the run's consoles along
 */
export async function inTemporaryFolder<T>(
  name: string,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), `evenkeel-${name}-`));
  try {
    return await work(directory);
  } catch (error) {
    throw await withConsoles(error, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function withConsoles(error: unknown, directory: string): Promise<unknown> {
  if (!(error instanceof EvenkeelError) || error instanceof InterruptedError) return error;
  const lines: string[] = [];
  for (const name of (await readdir(directory)).sort()) {
    if (!/^(console|emulator|qemu).*\.log$/.test(name)) continue;
    const text = await readFile(join(directory, name), 'latin1');
    const last = text.trimEnd().split('\n').slice(-consoleLines);
    if (text !== '') lines.push(`${name}:`, ...last.map((line) => `  ${line}`));
  }
  return new EvenkeelError(error.message, { cause: error, hints: lines, exitCode: error.exitCode });
}
