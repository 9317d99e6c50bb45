import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCli } from '../cli.js';

export interface HostScript {
  /** Where the script goes, and its run; emptied before. */
  readonly directory: string;
  /** Paths of shell scripts, which run as one. */
  readonly scripts: readonly string[];
  /** What `unpack NAME` (payload.sh) puts into the host's /run. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Of `evenkeel run`. */
  readonly options: readonly string[];
}

/** The folder of what the run of a host script has recorded. */
export function runFolderOf(directory: string): string {
  return join(directory, 'run');
}

/**
 * Runs the experiment with a script on the host that has files with it.
 * @returns the lines that the script has printed
 */
export async function runHostScript(wanted: HostScript): Promise<string[]> {
  const { directory, scripts, files, options } = wanted;
  const run = runFolderOf(directory);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const script = join(directory, 'script');
  const payloadScript = new URL('payload.sh', import.meta.url).pathname;
  const texts = await Promise.all(
    [payloadScript, ...scripts].map((file) => readFile(file, 'utf8')),
  );
  const payload = Object.entries(files).flatMap(([file, content]) => [
    `file ${file}`,
    ...(Buffer.from(content)
      .toString('base64')
      .match(/.{1,76}/g) ?? []),
  ]);
  await writeFile(script, [...texts, 'exit', ...payload, ''].join('\n'));
  await runCli(['run', ...options, '--host-script', script, '--out', run], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return (await readFile(join(run, 'host-script.log'), 'utf8')).trimEnd().split('\n');
}
