import { copyFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCpio } from '../../src/sites/lab/cpio.js';
import { kernelFolder } from '../../src/sites/lab/images/lab-folder.js';
import { resolveModules } from '../../src/sites/lab/kernel-modules.js';
import { readModule } from '../../src/sites/lab/module-file.js';
import { runFolderOf, runHostScript } from '../host-script/run.js';
import { labBuilder } from '../lab-builder.js';

const here = new URL('.', import.meta.url).pathname;

/** What a kernel says when something is wrong with it. */
export const kernelComplaint =
  /WARNING|BUG|Oops|Call Trace|stall|blocked for more than|memory leak|general protection/;

/**
 * For a script that does all by itself: a short run beside it. The VM that is measured has vNICs, so that
 * ek_host can be unloaded.
 */
export const shortRun = ['--method', 'threaded', '--heavy-vms', '0', '--requests', '100'] as const;

/** The folder of what the run of a script has recorded. */
export function runOf(name: string): string {
  return runFolderOf(resultsOf(name));
}

function resultsOf(name: string): string {
  return join(here, '../../results/hostile', name);
}

/**
 * Runs the experiment with the host script NAME.sh, which boots VMs of its own.
 * @returns the lines that the script has printed
 */
export async function runWithVms(name: string, options: readonly string[]): Promise<string[]> {
  const files = { 'hostile.cpio': await initramfs() };
  const scripts = [join(here, 'vms.sh'), join(here, `${name}.sh`)];
  return runHostScript({ directory: resultsOf(name), scripts, files, options });
}

/**
 * Runs the experiment with the host script small-vmm.sh, which has the program `small-vmm`.
 * @returns the lines that the script has printed
 */
export async function runSmallVmm(options: readonly string[]): Promise<string[]> {
  const files = { 'small-vmm': await program('small-vmm'), ...(await hostModules('nf_tables')) };
  const scripts = [join(here, 'small-vmm.sh')];
  return runHostScript({ directory: resultsOf('small-vmm'), scripts, files, options });
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
      content: await program('guest-memory.c'),
    },
  ]);
}

/** A module of the host's kernel and those that it needs, as NAME.ko. */
async function hostModules(name: string): Promise<Record<string, Uint8Array>> {
  const id = 'backports-rt';
  const { kernels } = await labBuilder().buildLab({ kernels: [id] });
  const directory = kernels.get(id)?.modulesDirectory ?? '';
  const signal = new AbortController().signal;
  const modules = await resolveModules(directory, [name]);
  const files = modules.map(
    async (module): Promise<[string, Uint8Array]> => [
      `${module.name}.ko`,
      await readModule(directory, module, signal),
    ],
  );
  return Object.fromEntries(await Promise.all(files));
}

/** A program of this folder, compiled: of a C file, or of a folder of them. */
async function program(name: string): Promise<Buffer> {
  const source = await mkdtemp(join(tmpdir(), 'evenkeel-program-'));
  try {
    await cp(join(here, name), join(source, name), { recursive: true });
    await copyFile(join(kernelFolder, 'include', 'ek_vmrpc.h'), join(source, 'ek_vmrpc.h'));
    return await readFile(await labBuilder().buildProgram(name, source));
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
