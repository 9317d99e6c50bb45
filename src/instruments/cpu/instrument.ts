import type { RunFolder } from '../../run-folder/run-folder.js';
import { fractionDecimals, meanOverRuns, round, roundAll } from '../../statistics/figure.js';
import type { Instrument, RunOf } from '../instrument.js';
import { procStatFiles, threadFiles, threadSnapshotSchema } from './artifacts.js';
import { type CpuUsage, cpuUsage, parseProcStat } from './cpu-time.js';
import { type CpuSection, cpuSectionSchema, type ThreadClassTime } from './schema.js';
import { threadClassTimes } from './thread-class-time.js';

export interface CpuFigures extends Omit<CpuUsage, 'capacityNs'> {
  readonly threadClasses: readonly ThreadClassTime[];
}

/** CPU utilisation of the host, and which threads the time went to. */
export const cpu: Instrument<CpuFigures, CpuSection> = {
  name: 'cpu',
  section: cpuSectionSchema,
  analyze: async (folder) => (folder.has(procStatFiles.after) ? analyze(folder) : undefined),
  summarize,
};

async function analyze(folder: RunFolder): Promise<CpuFigures> {
  const before = await folder.parse(procStatFiles.before, (bytes) =>
    parseProcStat(bytes.toString()),
  );
  const { capacityNs, ...usage } = await folder.parse(procStatFiles.after, (bytes) =>
    cpuUsage(before, parseProcStat(bytes.toString()), folder.facts.hostCpuNumbers),
  );
  return {
    ...usage,
    // /proc/stat is read right after each snapshot of the threads.
    threadClasses: threadClassTimes(
      await folder.readJson(threadFiles.before, threadSnapshotSchema),
      await folder.readJson(threadFiles.after, threadSnapshotSchema),
      capacityNs,
    ),
  };
}

function summarize(runs: readonly RunOf<CpuFigures>[]): CpuSection {
  return {
    runs: runs.map(({ seed, figures }) => ({
      seed,
      utilization: round(figures.cpuUtilization, fractionDecimals),
      cpuTime: figures.cpuTime.map((time) => roundAll(time, fractionDecimals)),
      threadClasses: figures.threadClasses.map(({ class: threadClass, utilization }) => ({
        class: threadClass,
        utilization: round(utilization, fractionDecimals),
      })),
    })),
    utilization: meanOverRuns(
      runs.map(({ figures }) => figures.cpuUtilization),
      fractionDecimals,
    ),
  };
}
