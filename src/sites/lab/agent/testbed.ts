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
import { outsourcesSockets } from '../../../methods/method.js';
import type { AgentJob } from '../../../plan/job.js';
import { cpusOf, heavyLinks, type Link, rtLink } from '../../../plan/topology.js';
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

/** What a guest that takes the place of RT VM 0 or Heavy Receiver 0 differs in. */
export type Substitute = Pick<GuestStart, 'role'> & Partial<GuestStart>;

/**
 * Sets up the network, boots the guests, applies the method and does some work with it. If any of that
 * fails, no guest runs on. What would keep the host from shutting down is undone at the end.
 * @param substitutes by the name of the guest whose place they take
 */
export async function withTestbed<T>(
  host: HostAccess,
  job: AgentJob,
  step: (name: string) => void,
  substitutes: ReadonlyMap<string, Substitute>,
  work: (testbed: RunningTestbed) => Promise<T>,
): Promise<T> {
  const made: Made = { programs: [], changes: [] };
  try {
    return await stoppedOnFailure(made.programs, async () =>
      work(await build(host, job, step, substitutes, made)),
    );
  } finally {
    await undoBeforeShutdown(host, made.changes);
  }
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
  job: AgentJob,
  step: (name: string) => void,
  substitutes: ReadonlyMap<string, Substitute>,
  made: Made,
): Promise<RunningTestbed> {
  step('setting up the network');
  await setUpNetwork(host, job);

  const { settings } = job.method;
  const cpus = cpusOf(job.size).host;
  const rt = rtLink(job.size);
  const apply = (phase: Phase, guests: readonly Guest[], rtServers: readonly RtServer[] = []) => {
    const layout = hostLayout(cpus, rt.hostNic, guests, rtServers);
    const record = (change: Change) => void made.changes.push(change);
    return applySettings({ host, layout }, settings, { phases: [phase], record });
  };
  const early = await apply('host', []);

  step('booting the guests');
  const guests: Guest[] = [];
  for (const start of guestStarts(job, substitutes)) {
    const guest = await startGuest(host, start);
    made.programs.push(guest.program);
    guests.push(guest);
    if (!hasPhase(settings, 'vm-started')) continue;
    await untilVmmRuns(host, guest);
    early.push(...(await apply('vm-started', [guest])));
  }
  await waitUntilReady(guests, step);
  const rtServers =
    job.rtServer === 'vm' ? [] : await startRtServers(host, job.rtServer, rt.guests, cpus);
  made.programs.push(...rtServers.map(({ program }) => program));

  step(`applying the method ${job.method.id}`);
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
function guestStarts(job: AgentJob, substitutes: ReadonlyMap<string, Substitute>): GuestStart[] {
  const common = {
    memoryMiB: job.guestMemoryMiB,
    hostCpus: cpusOf(job.size).host,
    settings: job.method.settings,
    hasVnic: !outsourcesSockets(job.method),
  };
  const rtGuest = { network: 'rt', role: 'rt-server', vcpus: 2 } as const;
  const heavyGuest = { network: 'heavy', role: 'heavy-receiver', vcpus: 1 } as const;
  const of = (link: Link, usual: typeof rtGuest | typeof heavyGuest): GuestStart[] =>
    link.guests.map((port) => ({
      ...{ ...common, ...usual, port, link },
      ...substitutes.get(port.name),
    }));
  return [
    ...(job.rtServer === 'vm' ? of(rtLink(job.size), rtGuest) : []),
    ...heavyLinks(job.size).flatMap((link) => of(link, heavyGuest)),
  ];
}
