import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EvenkeelError } from '../errors.js';

/** A module of a kernel package: its name as `lsmod` prints it, and its file below the modules folder. */
export interface KernelModule {
  readonly name: string;
  readonly path: string;
}

/**
 * The modules to load for `wanted`, dependencies first, so that loading them in this order with
 * `insmod` works. A name that the kernel has built in needs no file and is left out.
 *
 * @param modulesDirectory `…/lib/modules/<release>`, after depmod
 * @throws EvenkeelError if the kernel has no module of that name
 */
export async function resolveModules(
  modulesDirectory: string,
  wanted: readonly string[],
): Promise<KernelModule[]> {
  const [dependencies, builtin] = await Promise.all([
    readFile(join(modulesDirectory, 'modules.dep'), 'utf8'),
    readFile(join(modulesDirectory, 'modules.builtin'), 'utf8'),
  ]);
  return loadOrder(parseModulesDep(dependencies), parseBuiltin(builtin), wanted);
}

/** Reads `modules.dep` (depmod(8)): `path: dependency-path …`, most basic dependency last. */
export function parseModulesDep(text: string): Map<string, { path: string; needs: string[] }> {
  const modules = new Map<string, { path: string; needs: string[] }>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const path = line.slice(0, colon);
    const needs = line
      .slice(colon + 1)
      .split(' ')
      .filter(Boolean)
      .map(moduleName);
    modules.set(moduleName(path), { path, needs });
  }
  return modules;
}

function parseBuiltin(text: string): Set<string> {
  return new Set(text.split('\n').filter(Boolean).map(moduleName));
}

export function loadOrder(
  modules: ReadonlyMap<string, { path: string; needs: readonly string[] }>,
  builtin: ReadonlySet<string>,
  wanted: readonly string[],
): KernelModule[] {
  const ordered = new Map<string, KernelModule>();
  const visit = (name: string) => {
    if (ordered.has(name)) return;
    const module = modules.get(name);
    if (module === undefined) {
      if (builtin.has(name)) return;
      throw new EvenkeelError(`the kernel has no module "${name}"`);
    }
    for (const need of module.needs) visit(need);
    ordered.set(name, { name, path: module.path });
  };
  for (const name of wanted) visit(name.replaceAll('-', '_'));
  return [...ordered.values()];
}

function moduleName(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1);
  return file.replace(/\.ko(\.\w+)?$/, '').replaceAll('-', '_');
}
