/**
 * The layers of src/: a folder imports from folders above it in this list, never from one below. What each
 * layer must not know is the reason of its rule.
 */
const layers = [
  ['process', 'commands, files, errors: it knows nothing of VMs, runs or figures'],
  ['plan', 'a run as a value has to be readable by every program that executes or analyses runs'],
  ['statistics', 'numbers in, numbers out'],
  ['traces', 'formats of files that others define; what they mean is for instruments'],
  ['host', 'what may be done to a host is the same on an emulated one and on a real one'],
  ['methods', 'a method is a value; where and how it is measured does not matter to it'],
  ['run-folder', 'a run folder can be read whatever workload and instruments it is of'],
  ['workloads', 'a workload does not know who observes it'],
  ['instruments', 'an instrument records on any site and is analysed without one'],
  ['results', 'results are computed from run folders alone'],
  ['reporters', 'a format shows a result; it runs nothing'],
  ['sites', 'a site executes one run; which runs, and how many at a time, is for executors'],
  ['executors', 'executors know nothing of the command line'],
  ['commands', 'commands parse, call and print'],
];

const names = layers.map(([name]) => name);

/** One rule for each layer but the last, which may import everything. */
const rules = layers.slice(0, -1).map(([name, reason], index) => ({
  name: `layer-${name}`,
  comment: reason,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: `^src/(${names.slice(index + 1).join('|')})/` },
}));

export default {
  forbidden: [
    ...rules,
    {
      name: 'every-file-in-a-layer',
      comment: 'A new folder needs a place in the list of layers; cli.ts is above them all.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/((${names.join('|')})/|cli\\.ts$)` },
      to: {},
    },
    {
      name: 'no-circles',
      comment: 'Files that need each other are one subject, or one of them knows too much.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'agent-needs-nothing-of-the-lab',
      comment: 'The agent runs on the emulated host, which has no lab.',
      severity: 'error',
      from: { path: '^src/sites/lab/agent/' },
      to: { path: '^src/sites/lab/', pathNot: '^src/sites/lab/(agent/|cpio\\.ts$)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
