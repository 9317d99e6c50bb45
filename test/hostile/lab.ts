import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { createProgress } from '../../src/process/progress.js';
import { writeCpio } from '../../src/sites/lab/cpio.js';
import { LabBuilder } from '../../src/sites/lab/images/build-lab.js';
import { kernelFolder } from '../../src/sites/lab/images/lab-folder.js';
import { cli } from '../cli.js';

const here = new URL('.', import.meta.url).pathname;

/** What a kernel says when something is wrong with it. */
export const kernelComplaint =
  /WARNING|BUG|Oops|Call Trace|stall|blocked for more than|memory leak|general protection/;

/**
 * Runs the experiment with a host script that boots VMs of its own, and leaves what was recorded in
 * `directory`.
 */
export async function runHostScript(
  name: string,
  directory: string,
  options: readonly string[],
): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const script = join(directory, 'script');
  await writeFile(script, await hostScript(name));
  await execa(
    process.execPath,
    [cli, 'run', ...options, '--host-script', script, '--out', join(directory, 'run')],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

/** The script, and behind it what the VMs' initramfs has besides that of the lab's guests. */
async function hostScript(name: string): Promise<string> {
  const builder = new LabBuilder({
    signal: new AbortController().signal,
    progress: createProgress(process.stderr, process.env),
  });
  const modules = await builder.buildKernelModules(kernelFolder, 'backports', 'fuzz');
  const read = (folder: string, file: string) => readFile(join(folder, file));
  const initramfs = writeCpio([
    { type: 'file', path: 'hostile', mode: 0o755, content: await read(here, 'guest-init.sh') },
    { type: 'file', path: 'modules/ek_fuzz.ko', content: await read(modules, 'ek_fuzz.ko') },
  ]);
  const scripts = [await read(here, 'vms.sh'), await read(here, name)];
  const payload = initramfs.toString('base64').match(/.{1,76}/g) ?? [];
  return [...scripts, 'exit', ...payload, ''].join('\n');
}

/** What `print_state` of vms.sh has printed under a name. */
export function stateOf(log: readonly string[], name: string): string | undefined {
  const prefix = `state ${name}: `;
  return log.find((line) => line.startsWith(prefix))?.slice(prefix.length);
}

/** Active objects of each cache in a /proc/slabinfo. */
export async function slabObjects(file: string): Promise<Map<string, number>> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n').slice(2);
  return new Map(
    lines.map((line) => {
      const [cache = '', active] = line.split(/\s+/);
      return [cache, Number(active)];
    }),
  );
}
