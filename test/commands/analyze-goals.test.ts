import { afterEach, expect, test, vi } from 'vitest';
import { analyzeCommand } from '../../src/commands/analyze.js';
import { ExitCode } from '../../src/process/errors.js';
import { sweepOf } from '../results/analyzed.js';
import { syntheticMethod } from '../synthetic-run.js';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** Outsourcing beside another method, with the same response times. */
function comparisonWith(reference: string): Promise<string> {
  return sweepOf(
    [reference, 'outsourcing'].map((id) => ({ spec: { method: syntheticMethod(id) } })),
  );
}

async function analyze(...words: string[]): Promise<{ output: string; status: unknown }> {
  let output = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text;
    return true;
  });
  await analyzeCommand().parseAsync(words, { from: 'user' });
  return { output, status: process.exitCode };
}

test('a missed goal is a finding, in every format', async () => {
  const folder = await comparisonWith('threaded');
  const table = await analyze(folder, '--goals');
  expect(table.output).toContain('| missed |');
  expect(table.status).toBe(ExitCode.findings);
  process.exitCode = undefined;
  expect((await analyze(folder, '--goals', '--json')).status).toBe(ExitCode.findings);
});

test('goals that hold are none, and without --goals none is looked at', async () => {
  const held = await analyze(await comparisonWith('bare'), '--goals');
  expect(held.output).toContain('| holds |');
  expect(held.status).toBeUndefined();
  expect((await analyze(await comparisonWith('threaded'), '--json')).status).toBeUndefined();
});

test('help says what the exit status means', () => {
  let help = '';
  const writeOut = (text: string) => {
    help += text;
  };
  analyzeCommand().configureOutput({ writeOut }).outputHelp();
  expect(help).toMatch(/1 a goal is missed/);
});
