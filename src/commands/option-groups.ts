/** Headings of options in the help of a command. */
export const groups = {
  experiment: 'Experiment:',
  testbed: 'Testbed:',
  kernels: 'Kernels:',
  clock: 'Clock:',
  output: 'Output:',
} as const;
