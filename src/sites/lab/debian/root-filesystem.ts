import { link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../../process/command.js';
import { inNamespaces } from './namespaces.js';
import { type LockedPackage, release } from './package-set.js';
import type { Privilege } from './privilege.js';

export interface RootFilesystemOptions {
  /** All packages of the system, what they depend on included. */
  readonly packages: readonly LockedPackage[];
  /** Their files, in the same order. */
  readonly files: readonly string[];
  /** Names of those that are wanted for themselves. */
  readonly install: readonly string[];
  /** Where the tree is made; must not exist. */
  readonly tree: string;
  readonly scratch: string;
  readonly privilege: Privilege;
  readonly signal: AbortSignal;
  readonly logFile: string;
  readonly onLine?: (line: string) => void;
}

/** An input of every entry that is made from such a tree; another number when the same packages give another tree. */
export const rootFilesystemRecipe = 1;

const controlTimeoutMs = 60_000;
const installTimeoutMs = 15 * 60_000;

/** Left out of the tree: nobody reads them in the lab. */
const unusedPaths = ['doc', 'info', 'locale', 'man'].map((name) => `/usr/share/${name}/*`);

/**
 * What mmdebstrap leaves that differs between two runs or machines, or names this one: its own apt
 * and dpkg settings, and copies of the machine's network settings.
 */
const leftovers = [
  '/etc/apt/sources.list',
  '/etc/apt/sources.list.d/*',
  '/etc/apt/apt.conf.d/99mmdebstrap',
  '/etc/dpkg/dpkg.cfg.d/99mmdebstrap',
  '/etc/hostname',
  '/etc/resolv.conf',
  '/var/cache/apt/*',
  '/var/lib/apt/lists/*',
];

/**
 * Installs packages into a new root filesystem tree, which belongs to root.
 * Services are not started by it; mmdebstrap sees to that.
 */
export async function installRootFilesystem(options: RootFilesystemOptions): Promise<void> {
  const { packages, files, install, tree, scratch, privilege, ...run } = options;
  const repository = await makeRepository(packages, files, scratch, run.signal);
  const remove = `cd "$1" && rm -rf ${leftovers.map((path) => `.${path}`).join(' ')}`;
  await runCommand(
    [
      'mmdebstrap',
      '--mode=root',
      '--variant=essential',
      '--format=directory',
      `--include=${install.join(',')}`,
      '--aptopt=APT::Sandbox::User "root"',
      '--aptopt=APT::Install-Recommends "false"',
      ...unusedPaths.map((path) => `--dpkgopt=path-exclude=${path}`),
      `--customize-hook=${remove}`,
      release,
      tree,
      `deb [trusted=yes] copy:${encodeURI(repository)} ./`,
    ],
    {
      ...run,
      prefix: [...privilege.prefix, ...inNamespaces],
      // Where it keeps its settings; in /tmp they would stay if it is killed.
      environment: { TMPDIR: scratch, DEBIAN_FRONTEND: 'noninteractive' },
      timeoutMs: installTimeoutMs,
    },
  );
}

/**
 * A repository with exactly these packages, so that apt can choose nothing else. It needs no signature:
 * the hashes of the packages are from the archive's signed lists.
 */
async function makeRepository(
  packages: readonly LockedPackage[],
  files: readonly string[],
  scratch: string,
  signal: AbortSignal,
): Promise<string> {
  const repository = join(scratch, 'repository');
  await mkdir(repository, { recursive: true });
  for (const [index, file] of files.entries()) await link(file, join(repository, `${index}.deb`));
  const script = 'for file do dpkg-deb --field "$file" && echo || exit; done';
  const fields = await runCommand(['sh', '-c', script, 'dpkg-deb', ...files], {
    signal,
    timeoutMs: controlTimeoutMs,
  });
  await writeFile(join(repository, 'Packages'), packagesIndex(packages, fields));
  await writeFile(join(repository, 'Release'), `Origin: Debian\nCodename: ${release}\n`);
  return repository;
}

/**
 * The repository's index, in which the first package's file is 0.deb: the real names may hold characters
 * that apt encodes.
 * @param fields the packages' control fields in the same order, an empty line after each
 */
export function packagesIndex(packages: readonly LockedPackage[], fields: string): string {
  const stanzas = fields.split(/\n\n/);
  return packages
    .map(({ sizeBytes, sha256 }, index) => {
      const location = `Filename: ./${index}.deb\nSize: ${sizeBytes}\nSHA256: ${sha256}`;
      return `${stanzas[index]}\n${location}\n\n`;
    })
    .join('');
}
