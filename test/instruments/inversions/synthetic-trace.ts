export const rt = { nics: ['rtnic'], lowestPriority: 47 };

export type Line = [thread: string, us: number, event: string];

/** Lines of a trace on CPU 1. */
export function trace(...lines: readonly Line[]): string {
  return lines
    .map(([thread, us, event]) => ` ${thread} [001] d..1. ${(us / 1e6).toFixed(6)}: ${event}`)
    .join('\n');
}

export const irq = 'irq/24-rtnic-rx-10';
export const ksoftirqd = 'ksoftirqd/1-32';

export function toIrq(us: number, from = 'ksoftirqd/1', pid = 32): Line {
  return [
    `${from}-${pid}`,
    us,
    `sched_switch: prev_comm=${from} prev_pid=${pid} prev_prio=120 prev_state=R+ ==> next_comm=irq/24-rtnic-rx next_pid=10 next_prio=49`,
  ];
}

export function fromIrq(us: number): Line {
  return [
    irq,
    us,
    'sched_switch: prev_comm=irq/24-rtnic-rx prev_pid=10 prev_prio=49 prev_state=S ==> next_comm=ksoftirqd/1 next_pid=32 next_prio=120',
  ];
}

export const netRxEntry = 'softirq_entry: vec=3 [action=NET_RX]';
export const netRxExit = 'softirq_exit: vec=3 [action=NET_RX]';
export const scheduleRt = 'napi_schedule: (__napi_schedule+0x4/0xc0) napi=0xffff01';

export function poll(nic: string): string {
  const instance = nic === 'rtnic' ? 'ffff01' : 'ffff02';
  return `napi_poll: napi poll on napi struct ${instance} for device ${nic} work 1 budget 64`;
}
