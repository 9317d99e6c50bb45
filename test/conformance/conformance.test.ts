import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../cli.js';

const cases = new URL('cases.py', import.meta.url).pathname;

/** The guests' kernels, as --guest-kernel has them. */
const { EVENKEEL_GUEST_KERNELS: guestKernels = 'backports' } = process.env;

describe.each(guestKernels.split(','))('with the guest kernel %s', (kernel) => {
  /** Outcome by case. */
  let native: Map<string, string>;
  let outsourced: Map<string, string>;

  beforeAll(async () => {
    native = await outcomes('threaded', kernel);
    outsourced = await outcomes('outsourcing', kernel);
  });

  test('both ran all cases', () => {
    expect(native.size).toBeGreaterThan(2500);
    expect([...outsourced.keys()]).toEqual([...native.keys()]);
  });

  test('an outsourced socket does what a native one does, but for what is documented', async () => {
    const known = await documentedDifferences(kernel);
    const differences = [...native]
      .filter(([name, outcome]) => outsourced.get(name) !== outcome)
      .map(([name, outcome]) => [name, `${outcome} -> ${outsourced.get(name)}`]);
    expect(new Map(differences as [string, string][])).toEqual(known);
  });
});

/** Runs all cases in a guest. */
async function outcomes(method: string, kernel: string): Promise<Map<string, string>> {
  const { stdout } = await runCli(
    [
      ...['lab', 'exec', '--method', method, '--guest-kernel', kernel],
      ...['--guest-packages', 'python3-minimal,libpython3-stdlib', '--copy', cases],
      ...['--', 'python3', 'cases.py'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const directory = new URL(`../../results/conformance/${kernel}/`, import.meta.url);
  await mkdir(directory, { recursive: true });
  await writeFile(new URL(`${method}.txt`, directory), `${stdout}\n`);
  return new Map(stdout.split('\n').map((line) => line.split('\t', 2) as [string, string]));
}

/** The lines of differences.txt that hold with this kernel of the guests. */
async function documentedDifferences(kernel: string): Promise<Map<string, string>> {
  const text = await readFile(new URL('differences.txt', import.meta.url), 'utf8');
  // PREEMPT_RT makes no difference.
  const series = kernel.replace(/-rt$/, '');
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split('\t') as [string, string, string?])
      .filter(([_name, _outcomes, kernels]) => kernels?.split(',').includes(series) ?? true)
      .map(([name, outcomes]) => [name, outcomes]),
  );
}
