import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { analyzeCommand, schemaCommand } from '../../src/commands/analyze.js';
import { cachesCommand } from '../../src/commands/caches.js';
import { ablationCommand, compareCommand } from '../../src/commands/compare.js';
import { labCommand } from '../../src/commands/lab.js';
import { pathCommand } from '../../src/commands/path.js';
import { reportCommand } from '../../src/commands/report.js';
import { runCommand } from '../../src/commands/run.js';

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

const commands = [
  ablationCommand(),
  analyzeCommand(),
  cachesCommand(),
  compareCommand(),
  labCommand(),
  pathCommand(),
  reportCommand(),
  runCommand(),
  schemaCommand(),
].flatMap(withSubcommands);

function commandNamed(name: string): Command {
  const command = commands.find((candidate) => candidate.name() === name);
  if (command === undefined) throw new Error(`no command ${name}`);
  return command;
}

function optionsOf(name: string): string[] {
  return commandNamed(name).options.map((option) => option.attributeName());
}

describe.each(commands.map((command) => [command.name(), command] as const))('%s', (_name, one) => {
  test('has a summary', () => {
    expect(one.summary()).toMatch(/^[a-z].*[^.]$/);
  });

  test('leaves it to the terminal where its description is wrapped', () => {
    expect(one.description()).not.toContain('\n');
  });

  test('shows no default as JSON', () => {
    expect(one.helpInformation()).not.toMatch(/default:\s+\[/);
  });
});

describe('options that have no effect are not offered', () => {
  test.each(['exec', 'shell', 'calibrate'])('%s puts no load of its user on the VMs', (name) => {
    expect(optionsOf(name)).not.toContain('requests');
    expect(optionsOf(name)).not.toContain('paper');
  });

  test('exec runs a command in one guest', () => {
    expect(optionsOf('exec')).not.toContain('rtVms');
  });

  test('calibrate chooses size and clock itself', () => {
    for (const option of ['hostCpus', 'rtVms', 'heavyVms', 'clock', 'accel']) {
      expect(optionsOf('calibrate')).not.toContain(option);
    }
  });
});

describe('the methods of a comparison', () => {
  test('are one, some or all', () => {
    expect(optionsOf('compare')).toEqual(expect.arrayContaining(['methods', 'all']));
  });

  test('are given where what is compared are the techniques of one', () => {
    expect(optionsOf('ablation')).not.toContain('methods');
    expect(optionsOf('ablation')).not.toContain('all');
  });
});
