import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { getuid } from 'node:process';
import { freeDiskBytes } from '../../process/disk-space.js';
import { EvenkeelError } from '../../process/errors.js';
import { makeOutputFolder } from '../../process/output.js';
import { missingProgramHint, packageOfProgram } from '../../process/programs.js';
import type { Cache } from './cache/cache.js';
import { cacheUsage } from './cache/contents.js';
import { PrivateApt, releaseSources } from './debian/apt.js';
import { findPrivilege } from './debian/privilege.js';
import { missingPackages, systemPackages } from './debian/system-packages.js';
import { findKvm, type KvmSupport } from './kvm.js';

/** One thing that the lab needs of this machine, or would like. */
export interface Check {
  readonly name: string;
  /** Only a problem keeps the lab from working. */
  readonly status: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  readonly fix?: string;
}

/** What the checks are made on. */
export interface MachineFacts {
  /** As in 20.19.0. */
  readonly nodeVersion: string;
  readonly root: 'root' | 'sudo' | 'none';
  /** Undefined if this is not a machine with dpkg. */
  readonly missingPackages: readonly string[] | undefined;
  /** Programs that are not on the PATH. */
  readonly missingPrograms: readonly string[];
  /** Where the cache is, or will be. */
  readonly cacheDirectory: string;
  readonly freeDiskBytes: number;
  readonly availableMemoryBytes: number;
  readonly mirror: { readonly uri: string } | { readonly failure: string };
  readonly kvm: KvmSupport;
  readonly cache: { readonly entries: number; readonly sizeBytes: number };
}

const gibibyte = 2 ** 30;
const neededDiskBytes = 8 * gibibyte;
const neededMemoryBytes = 6 * gibibyte;
const neededNode = [20, 19] as const;

/** Looks at this machine; changes nothing on it. */
export async function gatherMachineFacts(cache: Cache, signal: AbortSignal): Promise<MachineFacts> {
  await makeOutputFolder(tmpdir(), 'TMPDIR');
  const privilege = await findPrivilege(signal);
  return {
    nodeVersion: process.versions.node,
    root: privilege === undefined ? 'none' : getuid?.() === 0 ? 'root' : 'sudo',
    missingPackages: await missingPackages(systemPackages, signal).catch(
      unlessAborted(signal, () => undefined),
    ),
    missingPrograms: await missingPrograms(),
    cacheDirectory: cache.directory,
    freeDiskBytes: await freeDiskBytes(cache.directory),
    availableMemoryBytes: freemem(),
    mirror: await reachMirror(signal).catch(
      unlessAborted(signal, ({ message }) => ({ failure: message })),
    ),
    kvm: await findKvm(),
    cache: await cacheUsage(cache.directory, privilege, signal),
  };
}

/** What the lab needs, each with whether the machine of these facts has it. */
export function checkMachine(facts: MachineFacts): Check[] {
  return [
    checkNode(facts),
    checkRoot(facts),
    ...checkPackages(facts),
    ...checkPrograms(facts),
    checkDisk(facts),
    checkMemory(facts),
    checkMirror(facts),
    checkKvm(facts),
    {
      name: 'cache',
      status: 'ok',
      detail: `${facts.cache.entries} entries, ${inGibibytes(facts.cache.sizeBytes)} in ${facts.cacheDirectory}`,
    },
  ];
}

function checkNode({ nodeVersion }: MachineFacts): Check {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const [neededMajor, neededMinor] = neededNode;
  const recent = major > neededMajor || (major === neededMajor && minor >= neededMinor);
  const check = { name: 'node', detail: `version ${nodeVersion}` };
  if (recent) return { ...check, status: 'ok' };
  return { ...check, status: 'problem', fix: `Install Node.js ${neededNode.join('.')} or later.` };
}

function checkRoot({ root }: MachineFacts): Check {
  const name = 'root';
  if (root === 'root') return { name, status: 'ok', detail: 'this is root' };
  if (root === 'sudo') return { name, status: 'ok', detail: 'through sudo' };
  return {
    name,
    status: 'problem',
    detail: 'this is neither root nor able to use sudo without a password',
    fix: 'Run `sudo -v` first, or run this as root.',
  };
}

function checkPackages({ missingPackages: missing, root }: MachineFacts): Check[] {
  if (missing === undefined) {
    const detail = 'dpkg-query does not work here';
    const fix = 'The lab is built on Debian 12 or later.';
    return [{ name: 'packages', status: 'problem', detail, fix }];
  }
  return systemPackages.map((name) => {
    const check = { name: `package ${name}` };
    if (!missing.includes(name)) return { ...check, status: 'ok', detail: 'installed' };
    const fix = `apt-get install --no-install-recommends ${name}`;
    if (root === 'none') return { ...check, status: 'problem', detail: 'not installed', fix };
    return { ...check, status: 'warning', detail: 'will be installed by the first build', fix };
  });
}

/** Those of packages that the first build installs are no problem of their own. */
function checkPrograms({ missingPrograms, missingPackages: packages }: MachineFacts): Check[] {
  return missingPrograms
    .filter((name) => !packages?.includes(packageOfProgram[name] ?? ''))
    .map((name) => ({
      name: `program ${name}`,
      status: 'problem',
      detail: 'not on the PATH',
      fix: missingProgramHint(name),
    }));
}

function checkDisk({ freeDiskBytes: free, cacheDirectory, cache }: MachineFacts): Check {
  const detail = `${inGibibytes(free)} free for ${cacheDirectory}`;
  // What the cache has needs no more room.
  if (free + cache.sizeBytes >= neededDiskBytes) return { name: 'disk', status: 'ok', detail };
  return {
    name: 'disk',
    status: 'problem',
    detail: `${detail}, ${inGibibytes(neededDiskBytes)} needed`,
    fix: 'Free some space, or set XDG_CACHE_HOME to a folder on another disk.',
  };
}

function checkMemory({ availableMemoryBytes: available }: MachineFacts): Check {
  const detail = `${inGibibytes(available)} available`;
  if (available >= neededMemoryBytes) return { name: 'memory', status: 'ok', detail };
  return {
    name: 'memory',
    status: 'problem',
    detail: `${detail}, ${inGibibytes(neededMemoryBytes)} needed`,
    fix: 'Stop other programs, or use a machine with more memory.',
  };
}

function checkMirror({ mirror, cache }: MachineFacts): Check {
  if ('uri' in mirror) return { name: 'mirror', status: 'ok', detail: mirror.uri };
  return {
    name: 'mirror',
    // What is in the cache needs no network.
    status: cache.entries > 0 ? 'warning' : 'problem',
    detail: mirror.failure,
    fix: "Check the network, /etc/apt/sources.list.d and apt's proxy settings.",
  };
}

function checkKvm({ kvm }: MachineFacts): Check {
  const name = 'kvm';
  if (kvm === 'nested') return { name, status: 'ok', detail: '/dev/kvm works, nested VMs too' };
  const reason = {
    'not nested': '/dev/kvm works, but without nested VMs',
    'no access': '/dev/kvm may not be opened by this user',
    none: 'no /dev/kvm that works',
  }[kvm];
  return { name, status: 'ok', detail: `${reason}; the lab emulates its host and needs none` };
}

function inGibibytes(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`;
}

/** A handler of understood failures: the fact is then that it failed. A failure by Ctrl-C is passed on. */
function unlessAborted<T>(signal: AbortSignal, fact: (error: EvenkeelError) => T) {
  return (error: unknown) => {
    if (signal.aborted || !(error instanceof EvenkeelError)) throw error;
    return fact(error);
  };
}

async function reachMirror(signal: AbortSignal): Promise<{ uri: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-doctor-'));
  try {
    const apt = await PrivateApt.create(directory, releaseSources, { signal });
    await apt.reach(join(directory, 'InRelease'));
    return { uri: apt.mirror };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function missingPrograms(): Promise<string[]> {
  const { PATH = '' } = process.env;
  const folders = PATH.split(delimiter);
  const missing = [];
  for (const program of Object.keys(packageOfProgram)) {
    const found = await Promise.all(
      folders.map((folder) =>
        access(join(folder, program), constants.X_OK).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (!found.includes(true)) missing.push(program);
  }
  return missing;
}
