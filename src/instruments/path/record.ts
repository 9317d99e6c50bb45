import type { HostAccess } from '../../host/access.js';
import type { HostLayout } from '../../host/layout.js';
import { receiveInterruptsOfNic } from '../../host/nics.js';
import type { ThreadClass } from '../../host/thread-class.js';
import { hostThreads } from '../../host/threads.js';
import { rtLink, rtVcpu, type TestbedSize } from '../../plan/topology.js';
import { EvenkeelError } from '../../process/errors.js';
import type { Recorder, RecordingSite } from '../recorder.js';
import { probeFiles } from './artifacts.js';
import { GuestProbes, guestProbesPort } from './guest-probes.js';
import { type KernelFacts, pointCommand } from './point-command.js';
import { chosenPoints, type PathOptions, type ProbePoint, pathOptionsSchema } from './points.js';

/** The probes of a run: ek_probe on the host and in RT VM 0, told what to do and read when all is over. */

const module = 'ek_probe';
const hostFile = '/proc/ek_probe';
const kvmFolder = '/sys/kernel/debug/kvm';
/** The guest's first program becomes its server: lab/guest/init. */
const serverPid = 1;

export const pathRecorder: Recorder<PathOptions> = {
  name: 'path',
  options: pathOptionsSchema.strict(),
  rtGuest: { serialPorts: [guestProbesPort], kernelArguments: ['evenkeel.probed=1'] },
  prepare: async (site, options) => {
    const points = chosenPoints(options);
    const guest = site.layout.rtVms.length > 0 ? await GuestProbes.open() : undefined;
    if (guest !== undefined) await prepareInGuest(guest, points);
    await prepareOnHost(site, points);
    return {
      start: async () => {
        await guest?.tell('start');
        await site.host.writeFile(hostFile, 'start');
        // They are stopped when they are read: the guest's serial port is slow, and would disturb the load.
        return { stop: async () => undefined, save: () => save(site, points, guest) };
      },
    };
  },
};

async function prepareInGuest(guest: GuestProbes, points: readonly ProbePoint[]): Promise<void> {
  const facts = guestFacts();
  for (const point of points) {
    if (point.kernel === 'guest') await guest.tell(pointCommand(point, facts));
  }
}

async function prepareOnHost(
  { host, layout, size }: RecordingSite,
  points: readonly ProbePoint[],
): Promise<void> {
  await host.loadModule(module);
  await host.writeFile(hostFile, 'clear');
  const facts = await hostFacts(host, layout, size);
  for (const point of points) {
    if (point.kernel === 'host') await host.writeFile(hostFile, pointCommand(point, facts));
  }
}

async function save(
  { host, layout, artifactsFolder }: RecordingSite,
  points: readonly ProbePoint[],
  guest: GuestProbes | undefined,
): Promise<void> {
  await host.writeFile(hostFile, 'stop');
  const keep = (name: string, content: string | Uint8Array) =>
    host.createFile(`${artifactsFolder}/${name}`, content);
  await keep(probeFiles.host, await host.readBytes(hostFile));
  let guestClock = null;
  if (guest !== undefined) {
    await guest.tell('stop');
    await keep(probeFiles.guest, await guest.read());
    guest.close();
    guestClock = await clockOfVcpu(host, layout.rtVms[0]?.pid ?? 0);
  }
  const description = { schema: 'evenkeel.probes/1', points, guestClock };
  await keep(probeFiles.description, `${JSON.stringify(description)}\n`);
}

async function hostFacts(
  host: HostAccess,
  layout: HostLayout,
  size: TestbedSize,
): Promise<KernelFacts> {
  const threads = new Map<ThreadClass, number[]>();
  for (const thread of await hostThreads(host, layout)) {
    threads.set(thread.class, [...(threads.get(thread.class) ?? []), thread.tid]);
  }
  const { hostNic, guests } = rtLink(size);
  const devices = new Map<NonNullable<ProbePoint['device']>, number>();
  for (const [device, name] of [
    ['RT NIC', hostNic],
    ['RT tap', guests[0]?.tap],
  ] as const) {
    const folder = `/sys/class/net/${name}`;
    // There is no tap where sockets are outsourced.
    if ((await host.list(folder)).length === 0) continue;
    devices.set(device, Number(await host.readFile(`${folder}/ifindex`)));
  }
  const receiveInterrupts = await receiveInterruptsOfNic(host, hostNic);
  return { threads, receiveInterrupts, devices, server: undefined };
}

function guestFacts(): KernelFacts {
  const server = { pid: serverPid, cpu: rtVcpu };
  return { threads: new Map(), receiveInterrupts: [], devices: new Map(), server };
}

/**
 * How the time-stamp counter of the RT vCPU comes from the host's: an offset, and on CPUs that scale it a
 * factor, which KVM shows in debugfs.
 */
async function clockOfVcpu(host: HostAccess, pid: number) {
  const vm = (await host.list(kvmFolder)).find((name) => name.startsWith(`${pid}-`));
  if (vm === undefined) throw new EvenkeelError(`${kvmFolder} has nothing of the VM ${pid}`);
  const folder = `${kvmFolder}/${vm}/vcpu${rtVcpu}`;
  const read = async (name: string) => (await host.readFile(`${folder}/${name}`)).trim();
  const scales = (await host.list(folder)).includes('tsc-scaling-ratio');
  return {
    offset: await read('tsc-offset'),
    scaling: scales
      ? {
          ratio: await read('tsc-scaling-ratio'),
          fractionBits: Number(await read('tsc-scaling-ratio-frac-bits')),
        }
      : null,
  };
}
