import { z } from 'zod';
import { conditionsSchema } from './conditions.js';
import { methodValueSchema, runSpecSchema } from './run-spec.js';

/**
 * What the lab and the agent on the emulated host tell each other, and where on that host it is. The emulator
 * hands the job over as the firmware configuration file `jobFile`, so it is in place at the first instruction.
 */

export const shellPlaces = ['host', 'rt', 'heavy'] as const;
export type ShellPlace = (typeof shellPlaces)[number];

/** What the programs of a shell have to know of the terminal that the user sits at. */
const terminalSchema = z.strictObject({
  rows: z.int().positive(),
  columns: z.int().positive(),
  /** Its name in terminfo, as TERM has it. */
  type: z.string(),
});

const testbed = { method: methodValueSchema, conditions: conditionsSchema };

export const agentJobSchema = z.discriminatedUnion('kind', [
  /** Put the load on the Critical RT servers and the Heavy Receivers, and record what happens. */
  z.strictObject({ kind: z.literal('run'), spec: runSpecSchema }),
  /** Run a command in a guest that has a Debian tree on its disk, in the place of RT VM 0. */
  z.strictObject({
    kind: z.literal('command'),
    ...testbed,
    /** Program and arguments; no shell interprets them. */
    command: z.array(z.string()).min(1),
    /** Text of a program that runs on the clients' side meanwhile (agent/outside-program.ts). */
    outside: z.string().optional(),
  }),
  /** Give the user a shell on the host, or in a guest in the place of RT VM 0 or Heavy Receiver 0. */
  z.strictObject({
    kind: z.literal('shell'),
    ...testbed,
    place: z.enum(shellPlaces),
    terminal: terminalSchema,
  }),
]);

export type AgentJob = z.infer<typeof agentJobSchema>;
export type JobOf<Kind extends AgentJob['kind']> = Extract<AgentJob, { kind: Kind }>;
export type UserTerminal = z.infer<typeof terminalSchema>;

/** The testbed that a job needs. */
export type TestbedJob = Pick<JobOf<'command'>, 'method' | 'conditions'>;

export function testbedOf(job: AgentJob): TestbedJob {
  return job.kind === 'run' ? job.spec : job;
}

export const jobFile = 'opt/evenkeel/job';

/** Where the lab's initramfs puts what the agent needs. */
export const agentFiles = {
  workloads: '/run/lab/workloads',
  /** What the host's own tools lack. */
  programs: '/run/lab/programs',
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
