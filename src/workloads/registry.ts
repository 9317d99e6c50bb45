import type { SpecPart } from '../plan/run-spec.js';
import { EvenkeelError } from '../process/errors.js';
import { validated } from '../process/json.js';
import { defaultUdpEchoOptions, udpEcho } from './udp-echo/workload.js';
import type { AnyWorkload, Macros, PlannedWorkload, Workload } from './workload.js';

/** The workloads that there are; a new one is a folder and a line here. */
const workloads: readonly AnyWorkload[] = [registered(udpEcho)];

/** What the Critical RT servers do where nobody asks for something else. */
export const defaultWorkload: SpecPart = { name: 'udp-echo', ...defaultUdpEchoOptions };

/** Macros that the C programs of the workloads are compiled with. Their names are the workloads' own. */
export const workloadMacros: Macros = Object.assign({}, ...workloads.map(({ macros }) => macros));

/**
 * A workload of a RunSpec, with its options.
 * @throws EvenkeelError if there is none of that name, or its options are not as its schema says
 */
export function plannedWorkload(part: SpecPart): PlannedWorkload {
  const workload = workloads.find(({ name }) => name === part.name);
  if (workload === undefined) {
    throw new EvenkeelError(`unknown workload "${part.name}"`, {
      hints: [`The workloads are: ${workloads.map(({ name }) => name).join(', ')}.`],
    });
  }
  return workload.plan(part);
}

function registered<Options>(workload: Workload<Options>): AnyWorkload {
  const { name, options: schema, macros = {} } = workload;
  return {
    name,
    macros,
    plan: ({ name: _name, ...given }) => {
      const options = validated(`workload ${name}`, given, schema);
      return {
        server: (address) => workload.server(options, address),
        client: (address, seed) => workload.client(options, address, seed),
        longestMs: workload.longestMs(options),
        requests: workload.requests(options),
        match: (frames) => workload.match(frames),
      };
    },
  };
}
