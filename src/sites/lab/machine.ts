import { formatCpuList } from '../../host/cpu-list.js';
import type { Caches } from '../../instruments/caches/geometry.js';
import { type ClockMode, icountShift } from '../../plan/clock.js';
import { type AgentJob, jobFile, testbedOf } from '../../plan/job.js';
import { allLinks, cpusOf, type TestbedSize } from '../../plan/topology.js';

/** What one start of the emulated host consists of; all paths are absolute. */
export interface Machine {
  readonly emulator: readonly string[];
  readonly clock: ClockMode;
  readonly seed: number;
  readonly hostMemoryMiB: number;
  readonly kernel: string;
  readonly initramfs: string;
  /** The Debian tree of the host; what the host writes to it is discarded. */
  readonly hostRoot: MemoryImage;
  /** Takes the artifacts as a tar archive. */
  readonly artifacts: MemoryImage;
  /** Disk of the guest that runs a command. */
  readonly guestDisk?: MemoryImage;
  /** Root of a program on the clients' side; may be the same file, as neither sees what the other writes. */
  readonly outsideRoot?: MemoryImage;
  readonly job: AgentJob;
  /** The job as a file. */
  readonly jobFile: string;
  /** Files that take what the serial ports send; `terminal` instead of `stdout` is a socket for a shell. */
  readonly ports: {
    readonly console: string;
    readonly events: string;
    readonly stdout: string;
    readonly stderr: string;
    readonly terminal?: string;
  };
  /** Frames at the wire of the RT network. */
  readonly capture?: string;
  /** What counts how the caches of the host's CPUs would serve them. */
  readonly cacheModel?: CacheModel;
}

export interface CacheModel {
  /** The emulator's plugin (instruments/caches/plugin). */
  readonly plugin: string;
  readonly caches: Caches;
  /** Takes what was counted. */
  readonly counts: string;
}

export interface MemoryImage {
  readonly file: string;
  readonly sizeBytes: number;
}

/**
 * The emulator's command line.
 *
 * What makes a run on the instruction clock bit-exact: no device works outside the vCPU thread (e1000e
 * on both ends of a link, memory instead of disks), consoles go to files, the clock and all randomness
 * start from given values, and everything that the machine reads is there at its first instruction.
 */
export function machineCommand(machine: Machine): string[] {
  const size = testbedOf(machine.job).conditions;
  const disks = memoryDisks(machine);
  return [
    ...machine.emulator,
    ...['-name', 'evenkeel-host', '-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-monitor', 'none', '-no-reboot'],
    ...['-machine', 'q35,nvdimm=on', '-smp', `${size.hostCpus + 1}`],
    ...memory(machine.hostMemoryMiB, disks),
    ...accelerator(machine),
    ...['-kernel', machine.kernel, '-initrd', machine.initramfs],
    ...['-append', hostKernelArguments(size, machine.clock)],
    ...['-fw_cfg', `name=${jobFile},file=${escaped(machine.jobFile)}`],
    ...serialPorts(machine.ports),
    ...disks.flatMap(nvdimm),
    ...network(size),
    ...(machine.capture === undefined
      ? []
      : ['-object', `filter-dump,id=wire,netdev=host0,file=${escaped(machine.capture)}`]),
    ...(machine.cacheModel === undefined ? [] : cachePlugin(machine.cacheModel, size)),
  ];
}

/** A file that the machine has as memory which keeps its content. */
interface MemoryDisk extends MemoryImage {
  readonly id: string;
  /** Whether what the machine writes is in the file, too. */
  readonly shared: boolean;
}

/** In the order in which the machine's kernel numbers them. */
function memoryDisks({ hostRoot, artifacts, guestDisk, outsideRoot }: Machine): MemoryDisk[] {
  return [
    { id: 'root', ...hostRoot, shared: false },
    { id: 'artifacts', ...artifacts, shared: true },
    ...(guestDisk === undefined ? [] : [{ id: 'guest', ...guestDisk, shared: false }]),
    ...(outsideRoot === undefined ? [] : [{ id: 'outside', ...outsideRoot, shared: false }]),
  ];
}

/** The machine's memory, with address space for the disks in it. */
function memory(hostMemoryMiB: number, disks: readonly MemoryDisk[]): string[] {
  const disksMiB = disks.reduce((sum, { sizeBytes }) => sum + sizeBytes / 2 ** 20, 0);
  const maxMiB = hostMemoryMiB + Math.ceil(disksMiB) + 1024;
  return ['-m', `${hostMemoryMiB}M,slots=${disks.length},maxmem=${maxMiB}M`];
}

function nvdimm({ id, file, sizeBytes, shared }: MemoryDisk): string[] {
  const share = shared ? 'on' : 'off';
  return [
    '-object',
    `memory-backend-file,id=${id},mem-path=${escaped(file)},size=${sizeBytes},share=${share}`,
    '-device',
    `nvdimm,id=nvdimm-${id},memdev=${id}`,
  ];
}

/** In the order of `agentPorts`. */
function serialPorts({ console, events, stdout, stderr, terminal }: Machine['ports']): string[] {
  const output =
    terminal === undefined ? `file:${stdout}` : `unix:${escaped(terminal)},server=on,wait=on`;
  return [`file:${console}`, `file:${events}`, output, `file:${stderr}`].flatMap((port) => [
    '-serial',
    port,
  ]);
}

/** Each link is a hub with a NIC of the host and one of the clients. */
function network(size: TestbedSize): string[] {
  return allLinks(size).flatMap(({ hostMac, clientMac }, hub) => [
    ...['-netdev', `hubport,id=host${hub},hubid=${hub}`],
    ...['-device', `e1000e,romfile=,netdev=host${hub},mac=${hostMac}`],
    ...['-netdev', `hubport,id=client${hub},hubid=${hub}`],
    ...['-device', `e1000e,romfile=,netdev=client${hub},mac=${clientMac}`],
  ]);
}

function cachePlugin({ plugin, caches, counts }: CacheModel, size: TestbedSize): string[] {
  const { own, shared, lineBytes } = caches;
  return [
    '-plugin',
    [
      `file=${escaped(plugin)}`,
      `out=${escaped(counts)}`,
      `cpus=${size.hostCpus}`,
      `own=${own.bytes}:${own.ways}`,
      `shared=${shared.bytes}:${shared.ways}`,
      `line=${lineBytes}`,
    ].join(','),
  ];
}

/** In QEMU's option lists a comma in a value is doubled. */
function escaped(value: string): string {
  return value.replaceAll(',', ',,');
}

function accelerator({ clock, seed }: Machine): string[] {
  const cpu = ['-cpu', clock === 'kvm' ? 'host' : 'EPYC,+svm,+npt'];
  switch (clock) {
    case 'instructions':
      return [
        ...cpu,
        ...['-accel', 'tcg,thread=single', '-icount', `shift=${icountShift},sleep=off`],
        ...['-rtc', 'base=2026-01-01,clock=vm', '-seed', `${seed}`],
      ];
    case 'wall':
      return [...cpu, '-accel', 'tcg,thread=multi', '-seed', `${seed}`];
    case 'kvm':
      return [...cpu, '-accel', 'kvm', '-seed', `${seed}`];
  }
}

function hostKernelArguments(size: TestbedSize, clock: ClockMode): string {
  const cpus = cpusOf(size);
  return [
    'console=ttyS0 panic=-1 quiet tsc=reliable nokaslr',
    // Self-tests of ciphers and a search for writable code take seconds of virtual time.
    'cryptomgr.notests rodata=off',
    // No C-states, as on the paper's host (footnote 4). But where the CPUs are threads on the wall clock,
    // one that polls takes time from those that work.
    ...(clock === 'wall' ? [] : ['idle=poll']),
    // The outside CPU runs the clients, which are pinned there, and nothing of the host.
    `isolcpus=domain,managed_irq,${cpus.outside}`,
    `irqaffinity=${formatCpuList(cpus.host)}`,
  ].join(' ');
}
