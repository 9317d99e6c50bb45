import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CpioEntry, writeCpio } from './cpio.js';
import type { KernelImage } from './images/kernel.js';
import { resolveModules } from './kernel-modules.js';
import { readModule } from './module-file.js';

/** What both initramfs need, whatever their kernel. */
export interface InitramfsParts {
  /** Path of a static busybox. */
  readonly busybox: string;
  /** Folder with the compiled workloads. */
  readonly workloads: string;
  /** Folder with Evenkeel's modules for the kernel. */
  readonly ownModules: string;
}

export interface HostInitramfsParts extends InitramfsParts {
  readonly kernel: KernelImage;
  /** Folder with the compiled programs that the host's Debian tree lacks. */
  readonly hostPrograms: string;
  /** The module for the virtualization of the machine's CPU. */
  readonly kvmModule: 'kvm_amd' | 'kvm_intel';
  /** Folder with the lab's own modules for `kernel`. */
  readonly labModules: string;
  /** Path of the script lab/host/init. */
  readonly init: string;
  /** The agent, bundled into one file. */
  readonly agent: Uint8Array;
  /** The guests' kernel, decompressed. */
  readonly guestKernel: Uint8Array;
  readonly guestInitramfs: Uint8Array;
}

export interface GuestInitramfsParts extends InitramfsParts {
  readonly kernel: KernelImage;
  /** Path of the script lab/guest/init. */
  readonly init: string;
}

/** The memory that holds the root filesystem, the job, KVM, and the paths from the NICs to the servers. */
const hostModules = [
  ...['nfit', 'nd_pmem', 'ext4', 'qemu_fw_cfg'],
  ...['kvm', 'tun', 'vhost_net', 'bridge', 'veth', 'macvlan', 'e1000e'],
];
/** To be loaded before the kernel's own modules: kvm looks at the bit that it sets. */
const firstModules = ['constant_tsc'];

const guestModules = ['virtio_pci', 'virtio_net'];
/** For the guests that have a disk, and programs that need networks and disks of their own. */
const guestDiskModules = ['virtio_blk', 'ext4', 'bridge', 'nbd', 'veth'];

/** The modules that a kernel has to have, whether the host boots it or a guest; what they need not counted. */
export const requiredModules = [
  ...new Set([...hostModules, 'kvm_amd', 'kvm_intel', ...guestModules, ...guestDiskModules]),
];

/** Files of the user for the guest's home folder; an archive that follows the host's initramfs. */
export function copiesArchive(
  copies: readonly { name: string; mode: number; content: Uint8Array }[],
): Buffer {
  return writeCpio(
    copies.map(({ name, mode, content }) => ({
      type: 'file',
      path: `lab/copy/${name}`,
      mode,
      content,
    })),
  );
}

/** The programs of busybox that the two init scripts call. */
const applets = [
  ...['sh', 'cat', 'cp', 'mkdir', 'sync', 'mount', 'chroot', 'reboot', 'setsid', 'stty'],
  ...['insmod', 'ip', 'taskset', 'ln', 'sort', 'cut', 'uname', 'touch', 'wc'],
];

/** The initramfs of the emulated host: its modules, the agent, and the guests' kernel and initramfs. */
export async function hostInitramfs(
  parts: HostInitramfsParts,
  signal: AbortSignal,
): Promise<Buffer> {
  return writeCpio([
    ...(await skeleton(parts, parts.init)),
    ...(await modulesFrom(parts.labModules, firstModules, 'modules')),
    ...(await modulesFrom(parts.labModules, ['ek_mark'], 'updates')),
    ...(await modules(
      parts.kernel,
      [{ order: 'order', wanted: [...hostModules, parts.kvmModule], first: firstModules }],
      signal,
    )),
    { type: 'file', path: 'lab/agent.mjs', content: parts.agent },
    { type: 'file', path: 'lab/guest/vmlinux', content: parts.guestKernel },
    { type: 'file', path: 'lab/guest/initrd', content: parts.guestInitramfs },
    ...(await folder(parts.workloads, 'lab/workloads')),
    ...(await folder(parts.hostPrograms, 'lab/programs')),
    ...(await modulesFrom(parts.ownModules, ['ek_host', 'ek_probe', 'ek_softirq'], 'updates')),
  ]);
}

/** The initramfs of a guest, which is all that most guests have. */
export async function guestInitramfs(
  parts: GuestInitramfsParts,
  signal: AbortSignal,
): Promise<Buffer> {
  return writeCpio([
    ...(await skeleton(parts, parts.init)),
    ...(await modules(
      parts.kernel,
      [
        { order: 'order', wanted: guestModules },
        { order: 'order-disk', wanted: guestDiskModules },
      ],
      signal,
    )),
    ...(await folder(parts.workloads, 'workloads')),
    ...(await modulesFrom(parts.ownModules, ['ek_guest', 'ek_probe'], 'modules')),
  ]);
}

/** Modules that were compiled into `directory`. */
function modulesFrom(
  directory: string,
  names: readonly string[],
  target: string,
): Promise<CpioEntry[]> {
  return Promise.all(
    names.map(async (name) => ({
      type: 'file',
      path: `${target}/${name}.ko`,
      content: await readFile(join(directory, `${name}.ko`)),
    })),
  );
}

async function skeleton({ busybox }: InitramfsParts, init: string): Promise<CpioEntry[]> {
  return [
    ...['proc', 'sys', 'dev', 'root'].map((path): CpioEntry => ({ type: 'directory', path })),
    // The kernel opens it before anything is mounted.
    { type: 'character-device', path: 'dev/console', major: 5, minor: 1 },
    { type: 'file', path: 'bin/busybox', mode: 0o755, content: await readFile(busybox) },
    ...applets.map(
      (name): CpioEntry => ({ type: 'symlink', path: `bin/${name}`, target: 'busybox' }),
    ),
    { type: 'file', path: 'init', mode: 0o755, content: await readFile(init) },
  ];
}

/** Modules to be loaded together: the file that lists them in their order, and who comes first. */
interface ModuleList {
  readonly order: string;
  readonly wanted: readonly string[];
  readonly first?: readonly string[];
}

async function modules(
  { modulesDirectory }: KernelImage,
  lists: readonly ModuleList[],
  signal: AbortSignal,
): Promise<CpioEntry[]> {
  const files = new Map<string, CpioEntry>();
  for (const { order, wanted, first = [] } of lists) {
    const ordered = await resolveModules(modulesDirectory, wanted);
    const names = [...first, ...ordered.map(({ name }) => name)];
    const path = `modules/${order}`;
    files.set(path, { type: 'file', path, content: Buffer.from(`${names.join('\n')}\n`) });
    for (const module of ordered) {
      const path = `modules/${module.name}.ko`;
      const content = await readModule(modulesDirectory, module, signal);
      files.set(path, { type: 'file', path, content });
    }
  }
  return [...files.values()];
}

async function folder(directory: string, target: string): Promise<CpioEntry[]> {
  const names = (await readdir(directory)).sort();
  return Promise.all(
    names.map(
      async (name): Promise<CpioEntry> => ({
        type: 'file',
        path: `${target}/${name}`,
        mode: 0o755,
        content: await readFile(join(directory, name)),
      }),
    ),
  );
}
