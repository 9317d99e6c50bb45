import { type Command, Option } from 'commander';
import {
  checkOptions,
  defaultOptions,
  paperRequests,
  type TestbedOptions,
} from '../testbed/options.js';
import { wholeNumber } from './arguments.js';

/** The options of `addTestbedOptions`, as commander delivers them. */
export interface TestbedFlags {
  readonly hostCpus: number;
  readonly rtVms: number;
  readonly heavyVms: number;
  readonly hostMemory: number;
  readonly guestMemory: number;
  readonly kernels: TestbedOptions['kernels'];
  readonly requests?: number;
  readonly paper?: boolean;
  readonly clock: 'instructions' | 'wall';
  readonly accel: 'tcg' | 'kvm';
}

/** What a command's defaults differ in from those of a comparison. */
export interface TestbedDefaults {
  readonly heavyVms?: number;
  readonly guestMemoryMiB?: number;
  readonly clock?: 'instructions' | 'wall';
}

/** Adds the options that decide what the testbed is and what load it gets. */
export function addTestbedOptions(command: Command, defaults: TestbedDefaults = {}): Command {
  const { size, hostMemoryMiB, kernels, load } = defaultOptions;
  const { heavyVms, guestMemoryMiB, clock } = {
    heavyVms: size.heavyVms,
    guestMemoryMiB: defaultOptions.guestMemoryMiB,
    clock: 'instructions',
    ...defaults,
  };
  return command
    .option('--host-cpus <n>', 'CPUs of the host that run VMs', wholeNumber, size.hostCpus)
    .option('--rt-vms <n>', 'VMs with a Critical RT server', wholeNumber, size.rtVms)
    .option('--heavy-vms <n>', 'VMs with a Heavy Receiver', wholeNumber, heavyVms)
    .option('--host-memory <MiB>', 'memory of the host', wholeNumber, hostMemoryMiB)
    .option('--guest-memory <MiB>', 'memory of a VM', wholeNumber, guestMemoryMiB)
    .addOption(
      new Option('--kernels <series>', "Debian 13's kernels, or the newest of its backports")
        .choices(['stable', 'backports'])
        .default(kernels),
    )
    .option(
      '--requests <n>',
      `requests to each Critical RT server (default: ${load.requests})`,
      wholeNumber,
    )
    .addOption(
      new Option('--paper', "as many requests as take the paper's 30 s").conflicts('requests'),
    )
    .addOption(
      new Option(
        '--clock <clock>',
        'virtual time from instructions (exact), or the wall clock of a multi-threaded emulation',
      )
        .choices(['instructions', 'wall'])
        .default(clock),
    )
    .addOption(
      new Option('--accel <accel>', 'run the host in TCG, or in nested KVM on the wall clock')
        .choices(['tcg', 'kvm'])
        .default('tcg'),
    );
}

/** @throws EvenkeelError if an option is out of its bounds */
export function testbedOptions(flags: TestbedFlags): TestbedOptions {
  const { load } = defaultOptions;
  const requests = flags.paper ? paperRequests(load) : (flags.requests ?? load.requests);
  const options: TestbedOptions = {
    size: { hostCpus: flags.hostCpus, rtVms: flags.rtVms, heavyVms: flags.heavyVms },
    hostMemoryMiB: flags.hostMemory,
    guestMemoryMiB: flags.guestMemory,
    kernels: flags.kernels,
    clock: flags.accel === 'kvm' ? 'kvm' : flags.clock,
    load: { ...load, requests },
  };
  checkOptions(options);
  return options;
}
