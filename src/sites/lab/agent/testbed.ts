import type { HostAccess } from '../../../host/access.js';
import type { HostLayout } from '../../../host/layout.js';
import { attachVm, outsourcingModule } from '../../../host/outsourcing.js';
import { applyMethod } from '../../../methods/apply.js';
import { settingOf } from '../../../methods/method.js';
import type { AgentJob } from '../../../plan/job.js';
import { cpusOf, heavyLinks, rtLink } from '../../../plan/topology.js';
import type { AppliedSetting } from '../../../results/schema.js';
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
 * Sets up the network, boots the guests and applies the method.
 * @param substitutes by the name of the guest whose place they take
 */
export async function setUpTestbed(
  host: HostAccess,
  job: AgentJob,
  step: (name: string) => void,
  substitutes: ReadonlyMap<string, Substitute> = new Map(),
): Promise<RunningTestbed> {
  step('setting up the network');
  await setUpNetwork(host, job);

  const outsourcing = settingOf(job.method, 'socket-outsourcing');
  if (outsourcing !== undefined) await host.loadModule(outsourcingModule);

  step('booting the guests');
  const cpus = cpusOf(job.size);
  const rt = rtLink(job.size);
  const common = { memoryMiB: job.guestMemoryMiB, hostCpus: cpus.host, method: job.method };
  const guests: Guest[] = [];
  for (const link of [...(job.rtServer === 'vm' ? [rt] : []), ...heavyLinks(job.size)]) {
    const usual =
      link.hostNic === rt.hostNic
        ? { network: 'rt' as const, role: 'rt-server' as const, vcpus: 2 }
        : { network: 'heavy' as const, role: 'heavy-receiver' as const, vcpus: 1 };
    for (const port of link.guests) {
      const start = { ...common, ...usual, port, link, ...substitutes.get(port.name) };
      const guest = await startGuest(start);
      guests.push(guest);
      if (outsourcing !== undefined) {
        await untilVmmRuns(host, guest);
        const { maxSockets, notification } = outsourcing;
        const netns = `/run/netns/${port.name}`;
        await attachVm(host, { pid: guest.program.pid, netns, maxSockets, notification });
      }
    }
  }
  await waitUntilReady(guests, step);
  const rtServers =
    job.rtServer === 'vm' ? [] : await startRtServers(job.rtServer, rt.guests, cpus.host);

  step(`applying the method ${job.method.id}`);
  const layout = hostLayout(cpus.host, rt.hostNic, guests, rtServers);
  const settings = await applyMethod(host, layout, job.method);
  return { layout, guests, rtServers, settings };
}
