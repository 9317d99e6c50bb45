import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import type { HostAccess } from '../../../host/access.js';
import type { HostLayout } from '../../../host/layout.js';
import { receiveInterruptsOfNic } from '../../../host/nics.js';
import type { ThreadClass } from '../../../host/thread-class.js';
import { hostThreads } from '../../../host/threads.js';
import { type KernelFacts, pointCommand } from '../../../instruments/path/point-command.js';
import type { ProbePoint } from '../../../instruments/path/points.js';
import { rtLink, type TestbedSize } from '../../../plan/topology.js';
import { EvenkeelError } from '../../../process/errors.js';
import { artifactNames } from '../../../run-folder/names.js';
import { rtVcpu } from './guests.js';
import type { Substitute } from './testbed.js';

/** The probes of a run: ek_probe on the host and in RT VM 0, told what to do and read when all is over. */

const module = 'ek_probe';
const hostFile = '/proc/ek_probe';
const kvmFolder = '/sys/kernel/debug/kvm';
const guestSocket = '/run/guest-probes';
/** The guest's first program becomes its server: lab/guest/init. */
const serverPid = 1;
/** A line, or the records, of which a serial port carries some ten thousand bytes a second. */
const guestAnswerMs = 600_000;

/** What RT VM 0 differs in where it has probes. */
export const probedGuest: Substitute = {
  role: 'rt-server',
  probed: true,
  serialPorts: [`unix:${guestSocket},server=on,wait=off`],
};

/** @returns what stops the probes and leaves what they have recorded in `artifactsFolder` */
export async function startProbes(
  host: HostAccess,
  layout: HostLayout,
  size: TestbedSize,
  points: readonly ProbePoint[],
  artifactsFolder: string,
): Promise<() => Promise<void>> {
  const ofKernel = (kernel: ProbePoint['kernel']) =>
    points.filter((point) => point.kernel === kernel);
  const guest = layout.rtVms.length > 0 ? await GuestPort.open() : undefined;

  if (guest !== undefined) {
    const facts = guestFacts();
    for (const point of ofKernel('guest')) await guest.tell(pointCommand(point, facts));
    await guest.tell('start');
  }
  await host.loadModule(module);
  await host.writeFile(hostFile, 'clear');
  const facts = await hostFacts(host, layout, size);
  for (const point of ofKernel('host')) await host.writeFile(hostFile, pointCommand(point, facts));
  await host.writeFile(hostFile, 'start');

  return async () => {
    await host.writeFile(hostFile, 'stop');
    await writeFile(`${artifactsFolder}/${artifactNames.hostProbes}`, await readFile(hostFile));
    let guestClock = null;
    if (guest !== undefined) {
      await guest.tell('stop');
      await writeFile(`${artifactsFolder}/${artifactNames.guestProbes}`, await guest.read());
      guest.close();
      guestClock = await clockOfVcpu(host, layout.rtVms[0]?.pid ?? 0);
    }
    const description = { schema: 'evenkeel.probes/1', points, guestClock };
    await writeFile(
      `${artifactsFolder}/${artifactNames.probes}`,
      `${JSON.stringify(description)}\n`,
    );
  };
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

/** The serial port at which the guest listens: lab/guest/init. */
class GuestPort {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data) => {
      this.#received = Buffer.concat([this.#received, data]);
    });
  }

  static async open(): Promise<GuestPort> {
    const socket = createConnection(guestSocket);
    await once(socket, 'connect');
    return new GuestPort(socket);
  }

  async tell(command: string): Promise<void> {
    this.#socket.write(`${command}\n`);
    const answer = await this.#line();
    if (answer !== 'ok') {
      throw new EvenkeelError(`ek_probe in the RT VM, told "${command}", answers "${answer}"`, {
        hints: ["The guest's console says why."],
      });
    }
  }

  async read(): Promise<Buffer> {
    this.#socket.write('read\n');
    return this.#take(Number(await this.#line()));
  }

  close(): void {
    this.#socket.destroy();
  }

  async #line(): Promise<string> {
    const line = await this.#until(() => {
      const end = this.#received.indexOf('\n');
      return end < 0 ? undefined : end + 1;
    });
    return line.toString().trim();
  }

  #take(bytes: number): Promise<Buffer> {
    return this.#until(() => (this.#received.length < bytes ? undefined : bytes));
  }

  /** Waits until `end` says how much of what was received is wanted, and takes that. */
  async #until(end: () => number | undefined): Promise<Buffer> {
    const signal = AbortSignal.timeout(guestAnswerMs);
    for (;;) {
      const bytes = end();
      if (bytes !== undefined) {
        const taken = this.#received.subarray(0, bytes);
        this.#received = this.#received.subarray(bytes);
        return taken;
      }
      await once(this.#socket, 'data', { signal }).catch((cause) => {
        throw new EvenkeelError('the RT VM says nothing about its probes', { cause });
      });
    }
  }
}
