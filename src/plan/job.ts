import type { ProbePoint } from '../instruments/path/points.js';
import type { Method } from '../methods/method.js';
import type { Load } from '../results/schema.js';
import type { RtServerPlace, TestbedSize } from './topology.js';

/**
 * What the agent on the emulated host is to do. The emulator hands it over as the firmware
 * configuration file `jobFile`, so it is in place at the first instruction.
 */
export interface AgentJob {
  readonly size: TestbedSize;
  readonly rtServer: RtServerPlace;
  readonly guestMemoryMiB: number;
  readonly method: Method;
  readonly work: MeasureWork | CommandWork | ShellWork;
}

/** Put the load on the Critical RT servers and the Heavy Receivers, and record what happens. */
export interface MeasureWork {
  readonly kind: 'measure';
  readonly load: Load;
  readonly seed: number;
  /** A CPU of the host that runs a busy loop of normal priority meanwhile. */
  readonly busyCpu?: number;
  /** Text of a program that runs on the host meanwhile (agent/host-script.ts). */
  readonly hostScript?: string | undefined;
  /** Points of the host's kernel and of the RT guest's that take time-stamps (agent/probes.ts). */
  readonly probes?: readonly ProbePoint[] | undefined;
  /** Whether the emulator has a model of the caches, which is to be told what runs (agent/cache-model.ts). */
  readonly cacheModel?: boolean | undefined;
}

/** Run a command in a guest that has a Debian tree on its disk, in the place of RT VM 0. */
export interface CommandWork {
  readonly kind: 'command';
  /** Program and arguments; no shell interprets them. */
  readonly command: readonly string[];
  /** Text of a program that runs on the clients' side meanwhile (agent/outside-program.ts). */
  readonly outside?: string | undefined;
}

export const shellPlaces = ['host', 'rt', 'heavy'] as const;
export type ShellPlace = (typeof shellPlaces)[number];

/** Give the user a shell on the host, or in a guest in the place of RT VM 0 or Heavy Receiver 0. */
export interface ShellWork {
  readonly kind: 'shell';
  readonly place: ShellPlace;
  readonly terminal: UserTerminal;
}

/** What the programs of a shell have to know of the terminal that the user sits at. */
export interface UserTerminal {
  readonly rows: number;
  readonly columns: number;
  /** Its name in terminfo, as TERM has it. */
  readonly type: string;
}

export const jobFile = 'opt/evenkeel/job';

/** Where the lab's initramfs puts what the agent needs. */
export const agentFiles = {
  workloads: '/run/lab/workloads',
  guestKernel: '/run/lab/guest/vmlinux',
  guestInitrd: '/run/lab/guest/initrd',
  /** Files of the user, for the guest that runs a command, and for the program on the clients' side. */
  copies: '/run/lab/copy',
} as const;

/** Where the agent collects the artifacts, whose archive becomes the run's folder. */
export const artifactsFolder = '/run/artifacts';

/** The serial ports of the emulated host, beside its console: output of a command, or a shell on the first. */
export const agentPorts = {
  events: '/dev/ttyS1',
  stdout: '/dev/ttyS2',
  stderr: '/dev/ttyS3',
} as const;

/**
 * The NVDIMM that takes the artifacts as a tar archive, the one that holds a guest's disk, and the one
 * that holds the root of the clients' side, as lab/host/init names them.
 */
export const artifactsDevice = '/dev/lab-artifacts';
export const guestDiskDevice = '/dev/lab-guest-disk';
export const outsideRootDevice = '/dev/lab-outside-root';
