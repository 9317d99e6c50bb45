import { cachesOptionsSchema, optionsOfCaches } from '../instruments/caches/geometry.js';
import type { Clock } from '../plan/clock.js';
import { defaultConditions, defaultGuestKernel, type KernelSeries } from '../plan/conditions.js';
import type { SpecPart } from '../plan/run-spec.js';
import type { RunFacts } from '../run-folder/facts.js';
import { defaultUdpEchoOptions, udpEchoOptionsSchema } from '../workloads/udp-echo/workload.js';

/** Instruments that a command of their own adds to the basic ones; it has the instrument's name. */
const commands = ['path', 'inversions', 'caches'];

/** The command that repeats these runs; it names every option that differs from its default. */
export function repeatCommand(runs: readonly RunFacts[]): string {
  const [first] = runs;
  if (first === undefined) return 'evenkeel compare';
  const methods = [...new Set(runs.map(({ method }) => method.id))];
  const seeds = [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b);
  const { environment, workload, instruments } = first;
  const command = instruments.find(({ name }) => commands.includes(name))?.name ?? 'compare';
  const options: [name: string, value: number, standard: number][] = [
    ['--host-cpus', environment.hostCpus, defaultConditions.hostCpus],
    ['--rt-vms', environment.rtVms, defaultConditions.rtVms],
    ['--heavy-vms', environment.heavyVms, defaultConditions.heavyVms],
    ['--host-memory', environment.hostMemoryMiB, defaultConditions.hostMemoryMiB],
    ['--guest-memory', environment.guestMemoryMiB, defaultConditions.guestMemoryMiB],
    ...requestsOption(workload, command),
  ];
  return [
    `evenkeel ${command} --methods ${methods.join(',')} --seeds ${seeds.join(',')}`,
    ...clockOption(first.clock),
    ...(environment.kernels === defaultConditions.kernels
      ? []
      : [`--kernels ${environment.kernels}`]),
    ...(environment.guestKernel === defaultGuestKernel(environment.kernels as KernelSeries)
      ? []
      : [`--guest-kernel ${environment.guestKernel}`]),
    ...(environment.rtServer === defaultConditions.rtServer
      ? []
      : [`--rt-server ${environment.rtServer}`]),
    ...options
      .filter(([, value, standard]) => value !== standard)
      .map(([name, value]) => `${name} ${value}`),
    ...instruments.flatMap(cachesOptions),
  ].join(' ');
}

function clockOption({ kind }: Clock): string[] {
  switch (kind) {
    case 'instructions':
      return [];
    case 'wall-emulated':
      return ['--clock wall'];
    case 'nested':
    case 'hardware':
      return ['--accel kvm'];
  }
}

/** The commands differ in how many requests they send by default. */
function requestsOption(
  workload: SpecPart,
  command: string,
): [name: string, value: number, standard: number][] {
  const parsed = udpEchoOptionsSchema.loose().safeParse(workload);
  if (!parsed.success) return [];
  const standard = command === 'compare' ? defaultUdpEchoOptions.requests : Number.NaN;
  return [['--requests', parsed.data.requests, standard]];
}

function cachesOptions({ name, ...options }: SpecPart): string[] {
  if (name !== 'caches') return [];
  const parsed = cachesOptionsSchema.safeParse(options);
  return parsed.success ? optionsOfCaches(parsed.data.caches) : [];
}
