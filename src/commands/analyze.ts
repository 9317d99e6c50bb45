import { resolve } from 'node:path';
import { Command } from 'commander';
import { EvenkeelError, ExitCode } from '../process/errors.js';
import { renderGoals } from '../reporters/goals.js';
import { renderMarkdown } from '../reporters/markdown.js';
import { evaluateGoals } from '../results/goals.js';
import { compareResultJsonSchema } from '../results/json-schema.js';
import { analyzeDirectory } from '../results/result-directory.js';
import { printTable } from './print-table.js';

interface AnalyzeFlags {
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly goals?: boolean;
}

export function analyzeCommand(): Command {
  return new Command('analyze')
    .summary('compute the result from the artifacts of runs')
    .description(
      'Reads the artifacts of a run, or of all runs of a comparison, and writes result.json there. ' +
        'The same artifacts always give the same bytes.',
    )
    .argument('<folder>', 'the --out folder of `run` or `compare`')
    .option('--json', 'print the result, or the goals, as JSON instead of a table')
    .option('--markdown', 'print the table as Markdown')
    .option(
      '--goals',
      'compare outsourcing with the other methods and check its goals; exit status 1 if one is missed',
    )
    .addHelpText(
      'after',
      `
Examples:
  evenkeel analyze results/compare
  evenkeel analyze results/one --json
  evenkeel analyze results/compare --goals

Exit status: 0 all goals hold or none were asked for, 1 a goal is missed, 2 wrong usage or a failure.`,
    )
    .action(async (folder: string, flags: AnalyzeFlags) => {
      const result = await analyzeDirectory(resolve(folder));
      if (flags.goals) {
        const verdicts = evaluateGoals(result);
        if (verdicts.length === 0) throw noGoals(folder);
        process.stdout.write(flags.json ? json(verdicts) : renderGoals(verdicts));
        if (verdicts.some(({ holds }) => !holds)) process.exitCode = ExitCode.findings;
        return;
      }
      if (flags.json) process.stdout.write(json(result));
      else if (flags.markdown) process.stdout.write(renderMarkdown(result));
      else printTable(result);
    });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function noGoals(folder: string): EvenkeelError {
  return new EvenkeelError(`${folder}: there is no goal for what was compared here`, {
    hints: [
      'Goals are for outsourcing beside another of the methods that `compare` runs, with a seed of both.',
    ],
  });
}

export function schemaCommand(): Command {
  return new Command('schema').summary('print the JSON Schema of result.json').action(() => {
    process.stdout.write(json(compareResultJsonSchema()));
  });
}
