import type { HostAccess, Scheduling } from '../host/access.js';
import { formatCpuList, formatCpuMask, parseCpuList } from '../host/cpu-list.js';
import type { HostLayout } from '../host/layout.js';
import { allInterrupts, interruptsOfNic } from '../host/nics.js';
import { attachedVms } from '../host/outsourcing.js';
import type { ThreadClass } from '../host/thread-class.js';
import { type HostThread, hostThreads, threadAffinity, threadScheduling } from '../host/threads.js';
import { EvenkeelError } from '../process/errors.js';
import type { AppliedSetting } from '../results/schema.js';
import type { CpuSet, Method, Setting } from './method.js';

type SettingOf<Kind extends Setting['kind']> = Extract<Setting, { kind: Kind }>;

/**
 * Applies a method's settings in their order, and reads each back.
 *
 * @returns one line per target that was set; `actual` differs from `wanted` where the kernel did
 *   something else than it was asked for
 * @throws EvenkeelError if a setting cannot be applied at all
 */
export async function applyMethod(
  host: HostAccess,
  layout: HostLayout,
  method: Method,
): Promise<AppliedSetting[]> {
  const applied: AppliedSetting[] = [];
  for (const setting of method.settings) {
    applied.push(...(await applySetting(host, layout, setting)));
  }
  return applied;
}

async function applySetting(
  host: HostAccess,
  layout: HostLayout,
  setting: Setting,
): Promise<AppliedSetting[]> {
  switch (setting.kind) {
    case 'scheduling':
      return applyScheduling(host, layout, setting);
    case 'thread-affinity':
      return applyThreadAffinity(host, layout, setting);
    case 'interrupt-affinity':
      return applyInterruptAffinity(host, layout, setting);
    case 'workqueue-affinity':
      return [await applyWorkqueueAffinity(host, layout, setting)];
    case 'threaded-napi':
      return applyThreadedNapi(host, layout, setting);
    case 'vhost-busy-polling':
      return readVhostBusyPolling(host, layout, setting);
    case 'socket-outsourcing':
      return readSocketOutsourcing(host, layout, setting);
    case 'kernel-module':
      return [await loadModule(host, setting)];
    case 'file':
      return [await writeAndReadBack(host, setting.path, setting.value, setting.why)];
  }
}

async function applyScheduling(
  host: HostAccess,
  layout: HostLayout,
  { threads: threadClass, policy, priority, why }: SettingOf<'scheduling'>,
): Promise<AppliedSetting[]> {
  const applied: AppliedSetting[] = [];
  const wanted = formatScheduling({ policy, priority });
  for (const thread of await hostThreads(host, layout)) {
    if (thread.class !== threadClass) continue;
    const actual = await unlessEnded(host, thread, async () => {
      await host.setScheduling(thread.tid, { policy, priority });
      return formatScheduling(await threadScheduling(host, thread.tid));
    });
    if (actual !== undefined) applied.push({ target: describe(thread), wanted, actual, why });
  }
  if (applied.length === 0 && isExpected(layout, threadClass)) {
    throw new EvenkeelError(`the host has no thread to be set to ${wanted}: ${threadClass}`, {
      hints: [why],
    });
  }
  return applied;
}

/** Threads of RT VMs and RT servers are only on hosts that have such, and all vCPUs of a VM may be RT. */
function isExpected({ rtVms, rtServers }: HostLayout, threadClass: ThreadClass): boolean {
  switch (threadClass) {
    case 'RT vNIC':
    case 'RT vCPU':
      return rtVms.length > 0;
    case 'housekeeping vCPU':
      return false;
    case 'RT server':
      return rtServers.length > 0;
    default:
      return true;
  }
}

async function applyThreadAffinity(
  host: HostAccess,
  layout: HostLayout,
  { threads: threadClasses, cpus: cpuSet, why }: SettingOf<'thread-affinity'>,
): Promise<AppliedSetting[]> {
  const applied: AppliedSetting[] = [];
  const cpus = cpusOf(layout, cpuSet);
  const wanted = `CPU ${formatCpuList(cpus)}`;
  for (const thread of await hostThreads(host, layout)) {
    if (!threadClasses.includes(thread.class) || thread.bound) continue;
    const actual = await unlessEnded(host, thread, async () => {
      const before = await threadAffinity(host, thread.tid);
      // A thread that cannot run on the host's CPUs at all is not the host's work: leave it where it is.
      if (!before.some((cpu) => layout.cpus.includes(cpu))) return undefined;
      await host.setAffinity(thread.tid, cpus);
      return `CPU ${formatCpuList(await threadAffinity(host, thread.tid))}`;
    });
    if (actual !== undefined) applied.push({ target: describe(thread), wanted, actual, why });
  }
  return applied;
}

/** Threads come and go while a method is applied; what has ended needs no setting. */
async function unlessEnded<T>(
  host: HostAccess,
  { tid }: HostThread,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if ((await host.list(`/proc/${tid}`)).length === 0) return undefined;
    throw error;
  }
}

async function applyInterruptAffinity(
  host: HostAccess,
  layout: HostLayout,
  { interrupts, cpus: cpuSet, why }: SettingOf<'interrupt-affinity'>,
): Promise<AppliedSetting[]> {
  const rtInterrupts = (
    await Promise.all(layout.rtNics.map((nic) => interruptsOfNic(host, nic)))
  ).flat();
  const targets =
    interrupts === 'rt-nic'
      ? rtInterrupts
      : (await allInterrupts(host)).filter((irq) => !rtInterrupts.includes(irq));
  const cpus = cpusOf(layout, cpuSet);
  const applied: AppliedSetting[] = [];
  for (const irq of targets) {
    const file = `/proc/irq/${irq}/smp_affinity_list`;
    const before = parseCpuList(await host.readFile(file));
    // Per-CPU and unrouted interrupts, and those that no CPU of the host receives, are left alone.
    if (!before.some((cpu) => layout.cpus.includes(cpu))) continue;
    if (!(await isInUse(host, irq))) continue;
    applied.push({
      ...(await writeAndReadBack(host, file, formatCpuList(cpus), why)),
      target: `interrupt ${irq}`,
    });
  }
  return applied;
}

/** An interrupt without a handler has no action folder below /proc/irq; its affinity means nothing. */
async function isInUse(host: HostAccess, irq: number): Promise<boolean> {
  const plainFiles = ['affinity_hint', 'effective_affinity', 'effective_affinity_list', 'node'];
  const names = await host.list(`/proc/irq/${irq}`);
  return names.some(
    (name) => !plainFiles.includes(name) && !name.startsWith('smp_affinity') && name !== 'spurious',
  );
}

async function applyWorkqueueAffinity(
  host: HostAccess,
  layout: HostLayout,
  { cpus, why }: SettingOf<'workqueue-affinity'>,
): Promise<AppliedSetting> {
  const path = '/sys/devices/virtual/workqueue/cpumask';
  return writeAndReadBack(host, path, formatCpuMask(cpusOf(layout, cpus)), why);
}

async function applyThreadedNapi(
  host: HostAccess,
  layout: HostLayout,
  { why }: SettingOf<'threaded-napi'>,
): Promise<AppliedSetting[]> {
  return Promise.all(
    layout.rtNics.map((nic) => writeAndReadBack(host, `/sys/class/net/${nic}/threaded`, '1', why)),
  );
}

/** Busy polling is set when a VM starts (`poll-us` of QEMU's tap netdev), so it can only be read. */
async function readVhostBusyPolling(
  host: HostAccess,
  layout: HostLayout,
  { us, why }: SettingOf<'vhost-busy-polling'>,
): Promise<AppliedSetting[]> {
  const applied: AppliedSetting[] = [];
  for (const { pid } of [...layout.rtVms, ...layout.heavyVms]) {
    const commandLine = await host.readFile(`/proc/${pid}/cmdline`);
    const actual = /poll-us=(\d+)/.exec(commandLine)?.[1] ?? '0';
    applied.push({ target: `vNIC of VM ${pid}`, wanted: `${us} us`, actual: `${actual} us`, why });
  }
  return applied;
}

/** VMs are attached before they load their module (host/outsourcing.ts), so it can only be read. */
async function readSocketOutsourcing(
  host: HostAccess,
  layout: HostLayout,
  { notification, why }: SettingOf<'socket-outsourcing'>,
): Promise<AppliedSetting[]> {
  const attached = await attachedVms(host);
  return [...layout.rtVms, ...layout.heavyVms].map(({ pid }) => {
    const vm = attached.find((one) => one.pid === pid);
    return {
      target: `sockets of VM ${pid}`,
      wanted: `running (notification: ${notification})`,
      actual: vm === undefined ? 'not attached' : `${vm.state} (notification: ${vm.notification})`,
      why,
    };
  });
}

async function loadModule(
  host: HostAccess,
  { module, why }: SettingOf<'kernel-module'>,
): Promise<AppliedSetting> {
  await host.loadModule(module);
  // name size references users state address: proc_modules(5)
  const line = (await host.readFile('/proc/modules'))
    .split('\n')
    .find((one) => one.startsWith(`${module} `));
  const actual = line?.split(' ')[4] ?? 'not loaded';
  return { target: `kernel module ${module}`, wanted: 'Live', actual, why };
}

async function writeAndReadBack(
  host: HostAccess,
  path: string,
  wanted: string,
  why: string,
): Promise<AppliedSetting> {
  await host.writeFile(path, wanted);
  const actual = normalMask((await host.readFile(path)).trim());
  return { target: path, wanted, actual, why };
}

/** The kernel pads a mask with zeros to the number of possible CPUs. */
function normalMask(text: string): string {
  return /^[0-9a-f]+(,[0-9a-f]{8})*$/.test(text) ? text.replace(/^[0,]+(?=[0-9a-f])/, '') : text;
}

function cpusOf(layout: HostLayout, set: CpuSet): number[] {
  const { cpus } = layout;
  if (cpus.length < 2) {
    throw new EvenkeelError('a method that divides the CPUs needs a host with two or more');
  }
  return set === 'last' ? cpus.slice(-1) : cpus.slice(0, -1);
}

function describe(thread: HostThread): string {
  return `${thread.class}: thread ${thread.tid} (${thread.comm})`;
}

function formatScheduling({ policy, priority }: Scheduling): string {
  return policy === 'other' ? 'SCHED_OTHER' : `SCHED_${policy.toUpperCase()} ${priority}`;
}
