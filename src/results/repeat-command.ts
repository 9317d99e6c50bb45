import type { RunManifest } from '../run-folder/artifacts.js';
import type { Clock } from './schema.js';
import { defaultGuestKernel, defaultOptions } from '../plan/conditions.js';

/** The command that repeats these runs; it names every option that differs from its default. */
export function repeatCommand(runs: readonly RunManifest[]): string {
  const [first] = runs;
  if (first === undefined) return 'evenkeel compare';
  const methods = [...new Set(runs.map(({ method }) => method.id))];
  const seeds = [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b);
  const { environment, load } = first;
  const { size } = defaultOptions;
  const options: [name: string, value: number, standard: number][] = [
    ['--host-cpus', environment.hostCpus, size.hostCpus],
    ['--rt-vms', environment.rtVms, size.rtVms],
    ['--heavy-vms', environment.heavyVms, size.heavyVms],
    ['--host-memory', environment.hostMemoryMiB, defaultOptions.hostMemoryMiB],
    ['--guest-memory', environment.guestMemoryMiB, defaultOptions.guestMemoryMiB],
    ['--requests', load.requests, defaultOptions.load.requests],
  ];
  return [
    `evenkeel compare --methods ${methods.join(',')} --seeds ${seeds.join(',')}`,
    ...clockOption(first.clock),
    ...(environment.kernels === defaultOptions.kernels ? [] : [`--kernels ${environment.kernels}`]),
    ...(environment.guestKernel === defaultGuestKernel(environment.kernels)
      ? []
      : [`--guest-kernel ${environment.guestKernel}`]),
    ...(environment.rtServer === defaultOptions.rtServer
      ? []
      : [`--rt-server ${environment.rtServer}`]),
    ...options
      .filter(([, value, standard]) => value !== standard)
      .map(([name, value]) => `${name} ${value}`),
  ].join(' ');
}

function clockOption({ kind }: Clock): string[] {
  switch (kind) {
    case 'instructions':
      return [];
    case 'wall-emulated':
      return ['--clock wall'];
    case 'hardware':
      return ['--accel kvm'];
  }
}
