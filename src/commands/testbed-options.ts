import { type Command, Option } from 'commander';
import {
  checkOptions,
  defaultGuestKernel,
  defaultOptions,
  type GuestKernelSeries,
  guestKernelSeries,
  type KernelSeries,
  kernelSeries,
  paperRequests,
  type TestbedOptions,
} from '../plan/conditions.js';
import { type RtServerPlace, rtServerPlaces } from '../plan/topology.js';
import { wholeNumber } from './arguments.js';

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
  ...defaultOptions.size,
  rtServer: defaultOptions.rtServer,
  hostMemory: defaultOptions.hostMemoryMiB,
  guestMemory: defaultOptions.guestMemoryMiB,
  kernels: defaultOptions.kernels,
  requests: defaultOptions.load.requests,
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
  const { hostCpus, rtVms, heavyVms, rtServer, hostMemory, guestMemory } = standard;
  const { kernels, requests, clock, accel } = standard;
  const number = (flags: string, description: string, value: number) =>
    new Option(flags, description).argParser(wholeNumber).default(value);
  const choice = (flags: string, description: string, value: string, choices: readonly string[]) =>
    new Option(flags, description).choices(choices).default(value);
  const options = [
    number('--host-cpus <n>', 'CPUs of the host that run VMs', hostCpus),
    number('--rt-vms <n>', 'Critical RT servers, each in a VM of its own', rtVms),
    number('--heavy-vms <n>', 'VMs with a Heavy Receiver', heavyVms),
    choice(
      '--rt-server <place>',
      'run the Critical RT servers in VMs, on the host itself, or there in network namespaces',
      rtServer,
      rtServerPlaces,
    ),
    number('--host-memory <MiB>', 'memory of the host', hostMemory),
    number('--guest-memory <MiB>', 'memory of a VM', guestMemory),
    choice(
      '--kernels <series>',
      "Debian 13's kernels, the newest of its backports, or these compiled with the kernel's own checks",
      kernels,
      kernelSeries,
    ),
    new Option('--guest-kernel <series>', "the guests' kernel: Debian 12's, or as for --kernels")
      .choices(guestKernelSeries)
      .default(undefined, 'that of --kernels, backports for debug'),
    number('--requests <n>', 'requests to each Critical RT server', requests),
    new Option('--paper', "as many requests as take the paper's 30 s").conflicts('requests'),
    choice(
      '--clock <clock>',
      'virtual time from instructions (exact), or the wall clock of a multi-threaded emulation',
      clock,
      ['instructions', 'wall'],
    ),
    choice('--accel <accel>', 'run the host in TCG, or in nested KVM on the wall clock', accel, [
      'tcg',
      'kvm',
    ]),
  ];
  const unwanted: readonly string[] = without;
  for (const option of options) {
    if (!unwanted.includes(option.attributeName())) command.addOption(option);
  }
  return command;
}

/**
 * What the flags ask for; an option that the command does not have is as in a comparison.
 * @throws EvenkeelError if an option is out of its bounds
 */
export function testbedOptions(given: Partial<TestbedFlags>): TestbedOptions {
  const flags = { ...defaultFlags, ...given };
  const { load } = defaultOptions;
  const options: TestbedOptions = {
    size: { hostCpus: flags.hostCpus, rtVms: flags.rtVms, heavyVms: flags.heavyVms },
    rtServer: flags.rtServer,
    hostMemoryMiB: flags.hostMemory,
    guestMemoryMiB: flags.guestMemory,
    kernels: flags.kernels,
    guestKernel: flags.guestKernel ?? defaultGuestKernel(flags.kernels),
    clock: flags.accel === 'kvm' ? 'kvm' : flags.clock,
    load: { ...load, requests: flags.paper ? paperRequests(load) : flags.requests },
  };
  checkOptions(options);
  return options;
}
