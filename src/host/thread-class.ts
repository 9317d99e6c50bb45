/** The threads of a host as the settings and the CPU accounting tell them apart. */
export const threadClasses = [
  'RT interrupt thread',
  'non-RT interrupt thread',
  'RT NAPI thread',
  'non-RT NAPI thread',
  'RT server',
  'RT vNIC',
  'heavy vNIC',
  'RT vCPU',
  'housekeeping vCPU',
  'heavy vCPU',
  'VMM',
  'softirq and timers',
  'other',
] as const;

export type ThreadClass = (typeof threadClasses)[number];
