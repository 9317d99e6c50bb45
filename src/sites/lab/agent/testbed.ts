import type { HostAccess } from '../../../host/access.js';
import { type BackgroundProgram, stoppedOnFailure } from '../../../host/background-program.js';
import type { HostLayout } from '../../../host/layout.js';
import type { AppliedSetting, Change } from '../../../host/settings/applied.js';
import {
  applySettings,
  hasPhase,
  readBackSettings,
  undoBeforeShutdown,
} from '../../../host/settings/apply.js';
import type { Phase } from '../../../host/settings/kind.js';
import { type Method, methodOfValue, outsourcesSockets } from '../../../methods/method.js';
import type { TestbedJob } from '../../../plan/job.js';
import { rtServerPlaceOf, type SpecPart } from '../../../plan/run-spec.js';
import {
  cpusOf,
  heavyLinks,
  type Link,
  type RtServerPlace,
  rtLink,
} from '../../../plan/topology.js';
import { heavyReceiver } from '../../../workloads/bulk-tcp/load.js';
import { defaultWorkload, plannedWorkload } from '../../../workloads/registry.js';
import type { PlannedWorkload } from '../../../workloads/workload.js';
import {
  type Guest,
  type GuestStart,
  hostLayout,
  startGuest,
  untilVmmRuns,
  waitUntilReady,
} from './guests.js';
import { setUpNetwork } from './network.js';
import { type RtServer, startRtServers } from './rt-servers.js';

/** The emulated host with its network, its guests and its method. */
export interface RunningTestbed {
  readonly layout: HostLayout;
  readonly guests: readonly Guest[];
  /** The Critical RT servers that are no guests. */
  readonly rtServers: readonly RtServer[];
  readonly settings: readonly AppliedSetting[];
}

/** What RT VM 0 or Heavy Receiver 0 differs in from the others. */
export type Substitute = Partial<GuestStart>;

/** The testbed and its method, and what the Critical RT servers do. */
interface Plan {
  readonly method: Method;
  readonly conditions: TestbedJob['conditions'];
  readonly rtServer: RtServerPlace;
  readonly workload: PlannedWorkload;
}

/**
 * Sets up the network, boots the guests, applies the method and does some work with it. If any of that
 * fails, no guest runs on. What would keep the host from shutting down is undone at the end.
 * @param substitutes by the name of the guest whose place they take
 */
export async function withTestbed<T>(
  host: HostAccess,
  job: TestbedJob & { readonly workload?: SpecPart },
  step: (name: string) => void,
  substitutes: ReadonlyMap<string, Substitute>,
  work: (testbed: RunningTestbed) => Promise<T>,
): Promise<T> {
  const made: Made = { programs: [], changes: [] };
  try {
    return await stoppedOnFailure(made.programs, async () =>
      work(await build(host, planOf(job), step, substitutes, made)),
    );
  } finally {
    await undoBeforeShutdown(host, made.changes);
  }
}

function planOf(job: TestbedJob & { readonly workload?: SpecPart }): Plan {
  return {
    method: methodOfValue(job.method),
    conditions: job.conditions,
    rtServer: rtServerPlaceOf(job),
    workload: plannedWorkload(job.workload ?? defaultWorkload),
  };
}

/** What has been done to the host so far. */
interface Made {
  /** Those that are to run on. */
  readonly programs: BackgroundProgram[];
  readonly changes: Change[];
}

/** @param made gets each program and change */
async function build(
  host: HostAccess,
  plan: Plan,
  step: (name: string) => void,
  substitutes: ReadonlyMap<string, Substitute>,
  made: Made,
): Promise<RunningTestbed> {
  step('setting up the network');
  const { method, conditions, rtServer, workload } = plan;
  await setUpNetwork(host, { size: conditions, rtServer, method });

  const { settings } = method;
  const cpus = cpusOf(conditions).host;
  const rt = rtLink(conditions);
  const apply = (phase: Phase, guests: readonly Guest[], rtServers: readonly RtServer[] = []) => {
    const layout = hostLayout(cpus, rt.hostNic, guests, rtServers);
    const record = (change: Change) => void made.changes.push(change);
    return applySettings({ host, layout }, settings, { phases: [phase], record });
  };
  const early = await apply('host', []);

  step('booting the guests');
  const guests: Guest[] = [];
  for (const start of guestStarts(plan, substitutes)) {
    const guest = await startGuest(host, start);
    made.programs.push(guest.program);
    guests.push(guest);
    if (!hasPhase(settings, 'vm-started')) continue;
    await untilVmmRuns(host, guest);
    early.push(...(await apply('vm-started', [guest])));
  }
  await waitUntilReady(guests, step);
  const rtServers =
    rtServer === 'vm' ? [] : await startRtServers(host, rtServer, rt.guests, workload.server, cpus);
  made.programs.push(...rtServers.map(({ program }) => program));

  step(`applying the method ${method.id}`);
  const late = [
    ...(await apply('vm-start', guests, rtServers)),
    ...(await apply('running', guests, rtServers)),
  ];
  return {
    layout: hostLayout(cpus, rt.hostNic, guests, rtServers),
    guests,
    rtServers,
    // What was made before the guests were ready takes effect when they are.
    settings: [...(await readBackSettings(host, early)), ...late],
  };
}

/** The guests of a testbed in the order in which they start. */
function guestStarts(
  { method, conditions, rtServer, workload }: Plan,
  substitutes: ReadonlyMap<string, Substitute>,
): GuestStart[] {
  const common = {
    memoryMiB: conditions.guestMemoryMiB,
    hostCpus: cpusOf(conditions).host,
    settings: method.settings,
    hasVnic: !outsourcesSockets(method),
  };
  const rtGuest = {
    ...({ network: 'rt', role: 'rt-server', vcpus: 2 } as const),
    program: workload.server(),
  };
  const heavyGuest = {
    ...({ network: 'heavy', role: 'heavy-receiver', vcpus: 1 } as const),
    program: heavyReceiver,
  };
  const of = (link: Link, usual: typeof rtGuest | typeof heavyGuest): GuestStart[] =>
    link.guests.map((port) => ({
      ...{ ...common, ...usual, port, link },
      ...substitutes.get(port.name),
    }));
  return [
    ...(rtServer === 'vm' ? of(rtLink(conditions), rtGuest) : []),
    ...heavyLinks(conditions).flatMap((link) => of(link, heavyGuest)),
  ];
}
