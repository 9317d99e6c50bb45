import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';

const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
const cases = new URL('cases.py', import.meta.url).pathname;
const directory = new URL('../../results/conformance/', import.meta.url);

/** Outcome by case. */
let native: Map<string, string>;
let outsourced: Map<string, string>;

beforeAll(async () => {
  native = await outcomes('threaded');
  outsourced = await outcomes('outsourcing');
});

/** Runs all cases in a guest. */
async function outcomes(method: string): Promise<Map<string, string>> {
  const { stdout } = await execa(
    process.execPath,
    [
      ...[cli, 'lab', 'exec', '--method', method],
      ...['--guest-packages', 'python3-minimal,libpython3-stdlib', '--copy', cases],
      ...['--', 'python3', 'cases.py'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await mkdir(directory, { recursive: true });
  await writeFile(new URL(`${method}.txt`, directory), `${stdout}\n`);
  return new Map(stdout.split('\n').map((line) => line.split('\t', 2) as [string, string]));
}

test('both ran all cases', () => {
  expect(native.size).toBeGreaterThan(2500);
  expect([...outsourced.keys()]).toEqual([...native.keys()]);
});

test('an outsourced socket does what a native one does, but for what is documented', async () => {
  const known = new Map(
    (await readFile(new URL('differences.txt', import.meta.url), 'utf8'))
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split('\t', 2) as [string, string]),
  );
  const differences = [...native]
    .filter(([name, outcome]) => outsourced.get(name) !== outcome)
    .map(([name, outcome]) => [name, `${outcome} -> ${outsourced.get(name)}`]);
  expect(new Map(differences as [string, string][])).toEqual(known);
});
