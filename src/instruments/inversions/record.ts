import type { z } from 'zod';
import type { HostAccess } from '../../host/access.js';
import { formatCpuMask } from '../../host/cpu-list.js';
import type { Recorder, RecordingSite } from '../recorder.js';
import { inversionsOptionsSchema, traceFile } from './artifacts.js';

/**
 * Records what the host's CPUs do from the first request to the last: who runs, which NAPI instance is
 * scheduled by whom, who polls it, and who waits for which lock (Documentation/trace/ftrace.rst).
 */

const tracing = '/sys/kernel/tracing';
/** Of each CPU. */
const bufferKiB = 65_536;

/** Files of tracefs and what is written to them, in this order. */
const setUp: readonly (readonly [file: string, value: string])[] = [
  ['trace_clock', 'mono'],
  ['buffer_size_kb', `${bufferKiB}`],
  ['trace_options', 'nohash-ptr'],
  [
    'kprobe_events',
    'p:ek/napi_schedule __napi_schedule napi=%di\np:ek/napi_schedule_irqoff __napi_schedule_irqoff napi=%di\n',
  ],
  // NET_RX_SOFTIRQ of include/linux/interrupt.h.
  ['events/irq/softirq_entry/filter', 'vec == 3'],
  ['events/irq/softirq_exit/filter', 'vec == 3'],
  ['events/irq/softirq_entry/enable', '1'],
  ['events/irq/softirq_exit/enable', '1'],
  ['events/sched/sched_switch/enable', '1'],
  ['events/napi/napi_poll/enable', '1'],
  ['events/ek/enable', '1'],
  // RT threads wait for locks: the stack tells which, and whoever holds one is boosted.
  ['events/sched/sched_pi_setprio/enable', '1'],
  ['events/lock/contention_begin/enable', '1'],
  ['events/lock/contention_end/enable', '1'],
  ['events/lock/contention_begin/trigger', 'stacktrace'],
];

export const inversionsRecorder: Recorder<z.infer<typeof inversionsOptionsSchema>> = {
  name: 'inversions',
  options: inversionsOptionsSchema,
  prepare: async (site) => {
    await prepareTracing(site);
    return {
      start: async () => {
        await setTracing(site.host, true);
        return { stop: () => setTracing(site.host, false), save: () => saveTrace(site) };
      },
    };
  },
};

async function prepareTracing({ host, layout }: RecordingSite): Promise<void> {
  await setTracing(host, false);
  for (const [file, value] of setUp) await host.writeFile(`${tracing}/${file}`, value);
  await host.writeFile(`${tracing}/tracing_cpumask`, formatCpuMask(layout.cpus));
}

async function saveTrace({ host, artifactsFolder }: RecordingSite): Promise<void> {
  await host.createFile(
    `${artifactsFolder}/${traceFile}`,
    await host.readBytes(`${tracing}/trace`),
  );
}

async function setTracing(host: HostAccess, on: boolean): Promise<void> {
  await host.writeFile(`${tracing}/tracing_on`, on ? '1' : '0');
}
