import { type Command, Option } from 'commander';
import {
  type Conditions,
  checkConditions,
  defaultConditions,
  defaultGuestKernel,
  type GuestKernelSeries,
  guestKernelSeries,
  type KernelSeries,
  kernelSeries,
} from '../plan/conditions.js';
import type { SpecPart } from '../plan/run-spec.js';
import { type RtServerPlace, rtServerPlaces } from '../plan/topology.js';
import { EvenkeelError } from '../process/errors.js';
import {
  defaultUdpEchoOptions,
  paperRequests,
  udpEchoOptionsSchema,
} from '../workloads/udp-echo/workload.js';
import { wholeNumber } from './arguments.js';
import { groups } from './option-groups.js';

/** The options of `addTestbedOptions`, as commander delivers them. */
export interface TestbedFlags {
  readonly hostCpus: number;
  readonly rtVms: number;
  readonly heavyVms: number;
  readonly rtServer: RtServerPlace;
  readonly hostMemory: number;
  readonly guestMemory: number;
  readonly kernels: KernelSeries;
  /** By default the one that goes with `kernels`. */
  readonly guestKernel?: GuestKernelSeries;
  readonly requests: number;
  readonly paper: boolean;
  readonly clock: 'instructions' | 'wall';
  readonly accel: 'tcg' | 'kvm';
}

/** What `compare` runs if no option is given. */
const defaultFlags: TestbedFlags = {
  hostCpus: defaultConditions.hostCpus,
  rtVms: defaultConditions.rtVms,
  heavyVms: defaultConditions.heavyVms,
  rtServer: defaultConditions.rtServer,
  hostMemory: defaultConditions.hostMemoryMiB,
  guestMemory: defaultConditions.guestMemoryMiB,
  kernels: defaultConditions.kernels,
  requests: defaultUdpEchoOptions.requests,
  paper: false,
  clock: 'instructions',
  accel: 'tcg',
};

/**
 * Adds the options that decide what the testbed is and what load it gets.
 * @param defaults what the command's defaults differ in from those of a comparison
 * @param without options that mean nothing to the command, which does not get them
 */
export function addTestbedOptions(
  command: Command,
  defaults: Partial<TestbedFlags> = {},
  without: readonly (keyof TestbedFlags)[] = [],
): Command {
  const standard = { ...defaultFlags, ...defaults };
  const unwanted: readonly string[] = without;
  for (const [group, options] of optionsByGroup(standard)) {
    for (const option of options) {
      if (!unwanted.includes(option.attributeName())) command.addOption(option.helpGroup(group));
    }
  }
  return command;
}

function optionsByGroup(standard: TestbedFlags): [group: string, options: Option[]][] {
  const number = (flags: string, description: string, value: number) =>
    new Option(flags, description).argParser(wholeNumber).default(value);
  const choice = (flags: string, description: string, value: string, choices: readonly string[]) =>
    new Option(flags, description).choices(choices).default(value);
  return [
    [
      groups.experiment,
      [
        number('--requests <n>', 'requests to each Critical RT server', standard.requests),
        new Option(
          '--paper',
          'as many requests as fill 30 s on average, as in the paper',
        ).conflicts('requests'),
      ],
    ],
    [
      groups.testbed,
      [
        number('--host-cpus <n>', 'CPUs of the host that run VMs', standard.hostCpus),
        number('--rt-vms <n>', 'Critical RT servers, each in a VM of its own', standard.rtVms),
        number('--heavy-vms <n>', 'VMs with a Heavy Receiver', standard.heavyVms),
        choice(
          '--rt-server <place>',
          'where the Critical RT servers run: in VMs, on the host itself, or in network namespaces of the host',
          standard.rtServer,
          rtServerPlaces,
        ),
        number('--host-memory <MiB>', 'memory of the host', standard.hostMemory),
        number('--guest-memory <MiB>', 'memory of a VM', standard.guestMemory),
      ],
    ],
    [
      groups.kernels,
      [
        choice(
          '--kernels <series>',
          "stable: Debian 13's kernels; backports: the newest of its backports; debug: those compiled " +
            "with the kernel's own checks",
          standard.kernels,
          kernelSeries,
        ),
        new Option('--guest-kernel <series>', "the guests' kernel; oldstable is Debian 12's")
          .choices(guestKernelSeries)
          .default(undefined, 'that of --kernels, backports for debug'),
      ],
    ],
    [
      groups.clock,
      [
        choice(
          '--clock <clock>',
          'instructions: virtual time, exact; wall: the wall clock of a multi-threaded emulation',
          standard.clock,
          ['instructions', 'wall'],
        ),
        choice(
          '--accel <accel>',
          'tcg: emulate the host; kvm: run it in nested KVM, on the wall clock',
          standard.accel,
          ['tcg', 'kvm'],
        ),
      ],
    ],
  ];
}

/**
 * The conditions that the flags ask for; an option that the command does not have is as in a comparison.
 * @throws EvenkeelError if an option is out of its bounds
 */
export function conditionsOf(given: Partial<TestbedFlags>): Conditions {
  const flags = { ...defaultFlags, ...given };
  const conditions: Conditions = {
    hostCpus: flags.hostCpus,
    rtVms: flags.rtVms,
    heavyVms: flags.heavyVms,
    rtServer: flags.rtServer,
    hostMemoryMiB: flags.hostMemory,
    guestMemoryMiB: flags.guestMemory,
    kernels: flags.kernels,
    guestKernel: flags.guestKernel ?? defaultGuestKernel(flags.kernels),
    clock: flags.accel === 'kvm' ? 'kvm' : flags.clock,
  };
  checkConditions(conditions);
  return conditions;
}

/**
 * The workload that the flags ask for.
 * @throws EvenkeelError if an option is out of its bounds
 */
export function workloadOf(given: Partial<TestbedFlags>): SpecPart {
  const { requests, paper } = { ...defaultFlags, ...given };
  const options = {
    ...defaultUdpEchoOptions,
    requests: paper ? paperRequests(defaultUdpEchoOptions) : requests,
  };
  if (!udpEchoOptionsSchema.safeParse(options).success) {
    throw new EvenkeelError(
      `--requests: expected a whole number from 1 to 1000000, got ${options.requests}`,
    );
  }
  return { name: 'udp-echo', ...options };
}
