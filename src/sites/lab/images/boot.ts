import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../../../process/digest.js';
import { EvenkeelError } from '../../../process/errors.js';
import { hashOf } from '../cache/cache.js';
import { sha256OfFile } from '../cache/keys.js';
import { guestInitramfs, hostInitramfs } from '../initramfs.js';
import { extractVmlinux } from '../vmlinux.js';
import type { BuildContext } from './context.js';
import type { KernelImage } from './kernel.js';
import { labFolder } from './lab-folder.js';
import type { Programs } from './programs.js';

/** What one start of the emulated host boots: its kernel, and the initramfs with everything else. */
export interface BootImage {
  /** Path of the kernel, decompressed. */
  readonly kernel: string;
  /** Path of the initramfs; the agent, the workloads and the guests' kernel are in it. */
  readonly initramfs: string;
  /** Hash of the initramfs. */
  readonly sha256: string;
}

export interface BootImageParts {
  readonly hostKernel: KernelImage;
  readonly guestKernel: KernelImage;
  /** Folder of the lab's modules for the host's kernel. */
  readonly labModules: string;
  /** Folders of Evenkeel's modules, for the host's kernel and for the guests'. */
  readonly hostModules: string;
  readonly guestModules: string;
  readonly kvmModule: 'kvm_amd' | 'kvm_intel';
  readonly workloads: Programs;
  readonly hostPrograms: Programs;
  readonly busybox: string;
}

/** Counted up when the code that puts an initramfs together changes what comes out. */
const recipe = 7;

const agentFile = fileURLToPath(new URL('../../../../dist/agent.mjs', import.meta.url));
const hostInit = join(labFolder, 'host/init');
const guestInit = join(labFolder, 'guest/init');

/** Puts together what the emulated host boots; takes seconds, and needs no root. */
export async function buildBootImage(
  context: BuildContext,
  parts: BootImageParts,
): Promise<BootImage> {
  const agent = await readAgent();
  const inputs = {
    recipe,
    hostKernel: identityOf(parts.hostKernel),
    guestKernel: identityOf(parts.guestKernel),
    labModules: parts.labModules,
    hostModules: parts.hostModules,
    guestModules: parts.guestModules,
    kvmModule: parts.kvmModule,
    workloads: parts.workloads.sha256,
    hostPrograms: parts.hostPrograms.sha256,
    busybox: await sha256OfFile(parts.busybox),
    agent: sha256(agent),
    hostInit: await sha256OfFile(hostInit),
    guestInit: await sha256OfFile(guestInit),
  };
  const entry = await context.cache.ensure({ kind: 'boot', inputs }, ({ directory }) =>
    context.progress.task(`put together what ${parts.hostKernel.release} boots`, async () => {
      const { signal } = context;
      const { busybox, workloads, guestKernel, hostKernel } = parts;
      const programs = { busybox, workloads: workloads.directory };
      const initramfs = await hostInitramfs(
        {
          ...programs,
          hostPrograms: parts.hostPrograms.directory,
          kernel: hostKernel,
          kvmModule: parts.kvmModule,
          labModules: parts.labModules,
          ownModules: parts.hostModules,
          init: hostInit,
          agent,
          guestKernel: await extractVmlinux(guestKernel.vmlinuz, signal),
          guestInitramfs: await guestInitramfs(
            {
              ...programs,
              kernel: guestKernel,
              init: guestInit,
              ownModules: parts.guestModules,
            },
            signal,
          ),
        },
        signal,
      );
      await writeFile(join(directory, 'initramfs'), initramfs);
      await writeFile(join(directory, 'vmlinux'), await extractVmlinux(hostKernel.vmlinuz, signal));
      const versions = { host: hostKernel.version, guest: guestKernel.version };
      return { versions, files: ['initramfs', 'vmlinux'] };
    }),
  );
  return {
    kernel: join(entry.directory, 'vmlinux'),
    initramfs: join(entry.directory, 'initramfs'),
    sha256: hashOf(entry, 'initramfs'),
  };
}

/** A package's version decides about its modules too. */
function identityOf({ id, version, sha256: hash }: KernelImage): string {
  return `${id} ${version} ${hash}`;
}

async function readAgent(): Promise<Buffer> {
  return readFile(agentFile).catch((cause) => {
    throw new EvenkeelError(
      `the agent of the emulated host was not built: ${agentFile} is missing`,
      {
        cause,
        hints: ['Build it with `npm run build`.'],
      },
    );
  });
}
