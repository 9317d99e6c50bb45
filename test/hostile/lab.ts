import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgress } from '../../src/process/progress.js';
import { writeCpio } from '../../src/sites/lab/cpio.js';
import { LabBuilder } from '../../src/sites/lab/images/build-lab.js';
import { kernelFolder } from '../../src/sites/lab/images/lab-folder.js';
import { runCli } from '../cli.js';

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
  const scripts = [await readFile(join(here, 'vms.sh')), await readFile(join(here, name))];
  await runScript(scripts, await initramfs(), directory, options);
}

/** Runs the experiment with a host script that has `small-vmm`, and leaves what was recorded in `directory`. */
export async function runSmallVmm(
  name: string,
  directory: string,
  options: readonly string[],
): Promise<void> {
  await runScript(
    [await readFile(join(here, name))],
    await program('small-vmm'),
    directory,
    options,
  );
}

/** The scripts run as one, and find the payload behind their end, in base64. */
async function runScript(
  scripts: readonly Buffer[],
  payload: Buffer,
  directory: string,
  options: readonly string[],
): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const script = join(directory, 'script');
  const lines = payload.toString('base64').match(/.{1,76}/g) ?? [];
  await writeFile(script, [...scripts, 'exit', ...lines, ''].join('\n'));
  await runCli(['run', ...options, '--host-script', script, '--out', join(directory, 'run')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function labBuilder(): LabBuilder {
  return new LabBuilder({
    signal: new AbortController().signal,
    progress: createProgress(process.stderr, process.env),
  });
}

/** What the VMs' initramfs has besides that of the lab's guests. */
async function initramfs(): Promise<Buffer> {
  const modules = await labBuilder().buildKernelModules(kernelFolder, 'backports', 'fuzz');
  const read = (folder: string, file: string) => readFile(join(folder, file));
  return writeCpio([
    { type: 'file', path: 'hostile', mode: 0o755, content: await read(here, 'guest-init.sh') },
    { type: 'file', path: 'modules/ek_fuzz.ko', content: await read(modules, 'ek_fuzz.ko') },
    { type: 'directory', path: 'hostile-programs', mode: 0o755 },
    {
      type: 'file',
      path: 'hostile-programs/guest-memory',
      mode: 0o755,
      content: await program('guest-memory'),
    },
  ]);
}

/** One of the programs of this folder, compiled. */
async function program(name: string): Promise<Buffer> {
  const source = await mkdtemp(join(tmpdir(), 'evenkeel-program-'));
  try {
    await copyFile(join(here, `${name}.c`), join(source, `${name}.c`));
    await copyFile(join(kernelFolder, 'include', 'ek_vmrpc.h'), join(source, 'ek_vmrpc.h'));
    const { directory } = await labBuilder().buildPrograms(source);
    return await readFile(join(directory, name));
  } finally {
    await rm(source, { recursive: true, force: true });
  }
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
