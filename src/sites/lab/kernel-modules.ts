import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EvenkeelError } from '../../process/errors.js';

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
  const read = (name: string) => readFile(join(modulesDirectory, name), 'utf8');
  const [dependencies, soft, aliases, builtin] = await Promise.all([
    read('modules.dep'),
    read('modules.softdep'),
    read('modules.alias'),
    read('modules.builtin'),
  ]);
  const modules = parseModulesDep(dependencies);
  addSoftDependencies(modules, soft, aliases);
  return loadOrder(modules, parseBuiltin(builtin), wanted);
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

/**
 * Adds to each module's needs what `modules.softdep` (depmod(8)) wants loaded before it, named directly or by
 * an alias of `modules.alias`, behind which there may be several modules. What the kernel does not have is
 * not needed.
 */
export function addSoftDependencies(
  modules: ReadonlyMap<string, { needs: string[] }>,
  softdep: string,
  aliases: string,
): void {
  const named = new Map<string, string[]>();
  for (const line of aliases.split('\n')) {
    const [keyword, alias, module] = line.split(' ');
    if (keyword !== 'alias' || alias === undefined || module === undefined) continue;
    named.set(alias, [...(named.get(alias) ?? []), module]);
  }
  for (const line of softdep.split('\n')) {
    const [keyword, module, ...words] = line.split(' ').filter(Boolean);
    if (keyword !== 'softdep' || module === undefined) continue;
    // `pre: a b post: c`: a colon ends the name of a list.
    const start = words.indexOf('pre:') + 1;
    if (start === 0) continue;
    const end = words.findIndex((word, index) => index >= start && word.endsWith(':'));
    for (const name of words.slice(start, end < 0 ? undefined : end)) {
      const candidates = named.get(name) ?? [moduleName(name)];
      modules.get(moduleName(module))?.needs.push(...candidates.filter((one) => modules.has(one)));
    }
  }
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
  // Unlike the linker's, soft dependencies may go round in a circle.
  const visited = new Set<string>();
  const visit = (name: string) => {
    if (visited.has(name)) return;
    visited.add(name);
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
