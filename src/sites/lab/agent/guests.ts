import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostAccess } from '../../../host/access.js';
import { type BackgroundProgram, requireStillRunning } from '../../../host/background-program.js';
import { formatCpuList } from '../../../host/cpu-list.js';
import type { HostLayout, Vm } from '../../../host/layout.js';
import { startOfVm } from '../../../host/settings/apply.js';
import type { Setting } from '../../../host/settings/registry.js';
import { agentFiles, artifactsFolder, guestDiskDevice } from '../../../plan/job.js';
import { type Link, prefixLength, rtVcpu, type VmPort } from '../../../plan/topology.js';
import { EvenkeelError } from '../../../process/errors.js';
import type { ProgramCommand } from '../../../workloads/workload.js';
import type { RtServer } from './rt-servers.js';

/** A nested guest boots in about 6 s of virtual time on an idle host, and several share its CPUs. */
const bootTimeoutMs = { any: 180_000, perGuest: 10_000 };
const bootPollMs = 100;
const vmmPollMs = 5;
/** A guest that takes longer is worth a word. */
const slowBootMs = 30_000;

export type GuestRole = 'rt-server' | 'heavy-receiver' | 'command' | 'shell';

/** Which network it is on decides what a method does to it, whatever its role. */
export type GuestNetwork = 'rt' | 'heavy';

export interface Guest {
  readonly name: string;
  readonly network: GuestNetwork;
  readonly program: BackgroundProgram;
  /** Its console. */
  readonly consoleFile: string;
  /** vCPUs that its kernel is told to leave to the Critical RT server. */
  readonly isolatedVcpus: readonly number[];
  /** Path of the network namespace for its sockets, if the host performs them. */
  readonly netns: string | undefined;
}

export interface GuestStart {
  readonly role: GuestRole;
  /** What it runs when it has booted, unless its role says something else. */
  readonly program: ProgramCommand;
  readonly network: GuestNetwork;
  readonly port: VmPort;
  readonly link: Link;
  readonly memoryMiB: number;
  readonly vcpus: number;
  /** CPUs of the host on which all threads of the VM start. */
  readonly hostCpus: readonly number[];
  /** Of the method; those that take effect when a VM starts are asked what they add. */
  readonly settings: readonly Setting[];
  /** A VM without one has its sockets from the host. */
  readonly hasVnic: boolean;
  /** Where its serial ports beyond the console lead, as QEMU's -serial takes it. */
  readonly serialPorts?: readonly string[];
  readonly initrd?: string;
  /** Arguments of its kernel besides the usual ones. */
  readonly kernelArguments?: readonly string[];
}

/** Starts a VM with the host's stock QEMU. It is running, but not yet ready, when this returns. */
export async function startGuest(host: HostAccess, guest: GuestStart): Promise<Guest> {
  const { name } = guest.port;
  const consoleFile = `${artifactsFolder}/console-${name}.log`;
  const command = [
    'taskset',
    '--cpu-list',
    formatCpuList(guest.hostCpus),
    ...vmCommand(guest, consoleFile),
  ];
  const program = await host.start(command, { outputFile: `${artifactsFolder}/qemu-${name}.log` });
  const netns = guest.hasVnic ? undefined : `/run/netns/${name}`;
  const isolatedVcpus = isolatedVcpusOf(guest.role);
  return { name, network: guest.network, program, consoleFile, isolatedVcpus, netns };
}

/** A guest that runs the server and nothing else, as the paper's does, can spare a vCPU for it. */
function isolatedVcpusOf(role: GuestRole): readonly number[] {
  return role === 'rt-server' ? [rtVcpu] : [];
}

function vmCommand(guest: GuestStart, consoleFile: string): string[] {
  const { port, memoryMiB, network, role } = guest;
  const added = startOfVm(guest.settings, { network, isolatedVcpus: isolatedVcpusOf(role) });
  return [
    'qemu-system-x86_64',
    ...['-name', `${port.name},debug-threads=on`],
    // As libvirt's tools have it. A guest leaves the HPET periodic, and QEMU's main loop would serve it.
    ...['-machine', 'pc,hpet=off', '-accel', 'kvm', '-cpu', 'host'],
    ...['-smp', `${guest.vcpus}`, '-m', `${memoryMiB}`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-serial', `file:${consoleFile}`],
    ...(guest.serialPorts ?? []).flatMap((device) => ['-serial', device]),
    ...['-kernel', agentFiles.guestKernel, '-initrd', guest.initrd ?? agentFiles.guestInitrd],
    ...['-append', kernelArguments(guest, added.kernelArguments)],
    ...(guest.hasVnic ? vnic(port, added.netdevOptions) : []),
    ...(hasDisk(role)
      ? ['-drive', `file=${guestDiskDevice},format=raw,if=virtio,cache=unsafe,aio=threads`]
      : []),
  ];
}

function hasDisk(role: GuestRole): boolean {
  return role === 'command' || role === 'shell';
}

function vnic(port: VmPort, options: readonly string[]): string[] {
  const netdev = [
    ...['tap', 'id=net', `ifname=${port.tap}`, 'script=no', 'downscript=no', 'vhost=on'],
    ...options,
  ];
  return [
    ...['-netdev', netdev.join(',')],
    ...['-device', `virtio-net-pci,romfile=,netdev=net,mac=${port.mac}`],
  ];
}

function kernelArguments(
  { role, program, port, link, hasVnic, kernelArguments: more = [] }: GuestStart,
  added: readonly string[],
): string {
  return [
    'console=ttyS0 quiet panic=-1 tsc=reliable cryptomgr.notests rodata=off',
    ...added,
    // Where users run programs, what the kernel complains about is worth seeing.
    ...(hasDisk(role) ? ['loglevel=5'] : []),
    `evenkeel.role=${role}`,
    ...(hasVnic
      ? [
          `evenkeel.address=${port.address}/${prefixLength}`,
          `evenkeel.gateway=${link.clientAddress}`,
        ]
      : ['evenkeel.outsourced=1']),
    `evenkeel.cpu=${role === 'rt-server' ? rtVcpu : 0}`,
    // Its words with commas between: a kernel's argument has no blanks.
    `evenkeel.program=${program.join(',')}`,
    ...more,
  ].join(' ');
}

/** Waits until the guest's process is the VMM and no longer what starts it. */
export async function untilVmmRuns(host: HostAccess, guest: Guest): Promise<void> {
  while (!(await host.readFile(`/proc/${guest.program.pid}/comm`)).startsWith('qemu')) {
    requireRunning(guest, 'before it was a VM');
    await delay(vmmPollMs);
  }
}

/**
 * Waits until every guest has said on its console that it is ready.
 * @param step told what the console of a slow guest says, each time that it says something new: the lab
 *   gives up on a machine from which nothing new comes
 */
export async function waitUntilReady(
  guests: readonly Guest[],
  step: (name: string) => void,
): Promise<void> {
  const start = Date.now();
  const limitMs = bootTimeoutMs.any + guests.length * bootTimeoutMs.perGuest;
  for (const guest of guests) {
    let told: string | undefined;
    for (;;) {
      const text = await consoleOf(guest);
      if (text.includes('evenkeel: ready')) break;
      requireRunning(guest, 'while it booted');
      const elapsedMs = Date.now() - start;
      if (elapsedMs > slowBootMs && text !== told) {
        told = text;
        const lastLine = text.trimEnd().split('\n').at(-1)?.trim();
        const seconds = Math.round(elapsedMs / 1000);
        step(`booting the guests: ${guest.name} is not ready after ${seconds} s: ${lastLine}`);
      }
      if (elapsedMs > limitMs) {
        throw new EvenkeelError(
          `the guest ${guest.name} was not ready after ${limitMs / 1000} s of virtual time`,
          { fields: { guest: guest.name, consoleFile: guest.consoleFile } },
        );
      }
      await delay(bootPollMs);
    }
  }
}

/** @throws EvenkeelError if the guest has ended */
export function requireRunning({ name, program }: Guest, when: string): void {
  requireStillRunning(`the guest ${name}`, program, when);
}

/** What a guest has printed on its console so far. */
export async function consoleOf(guest: Guest): Promise<string> {
  try {
    return await readFile(guest.consoleFile, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** The layout that methods and the CPU accounting see. */
export function hostLayout(
  cpus: readonly number[],
  rtNic: string,
  guests: readonly Guest[],
  rtServers: readonly RtServer[],
): HostLayout {
  const vmOf = ({ name, program, netns }: Guest): Vm => ({
    ...{ pid: program.pid, name },
    ...(netns === undefined ? {} : { netns }),
  });
  const on = (wanted: GuestNetwork) => guests.filter(({ network }) => network === wanted);
  return {
    cpus,
    rtNics: [rtNic],
    rtVms: on('rt').map((guest) => ({
      ...vmOf(guest),
      rtVcpus: [rtVcpu],
      isolatedVcpus: guest.isolatedVcpus,
    })),
    rtServers: rtServers.map(({ program }) => ({ pid: program.pid })),
    heavyVms: on('heavy').map(vmOf),
  };
}
