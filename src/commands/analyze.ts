import { resolve } from 'node:path';
import { Command } from 'commander';
import { EvenkeelError, ExitCode } from '../process/errors.js';
import { formatJson } from '../process/json.js';
import { renderGoals } from '../reporters/goals.js';
import { renderMarkdown } from '../reporters/markdown.js';
import { renderText } from '../reporters/text.js';
import { analyzeFolder } from '../results/analyze-folder.js';
import { evaluateGoals } from '../results/goals.js';
import { type Result, resultJsonSchema } from '../results/schema.js';

interface AnalyzeFlags {
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly goals?: boolean;
}

export function analyzeCommand(): Command {
  return new Command('analyze')
    .summary('compute the result from the artifacts of runs')
    .description(
      'Reads the artifacts of a run, or of all runs of a sweep, also of earlier versions. Writes result.json there, ' +
        'with a section for each instrument that has observed the runs. The same artifacts always give the ' +
        'same bytes.',
    )
    .argument('<folder>', 'the --out folder of a command that ran methods')
    .option('--json', 'print the result, or the goals, as JSON instead of text')
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
      const result = await analyzeFolder(resolve(folder));
      if (flags.goals) printGoals(result, folder, flags.json);
      else if (flags.json) process.stdout.write(formatJson(result));
      else if (flags.markdown) process.stdout.write(renderMarkdown(result));
      else process.stdout.write(renderText(result));
    });
}

function printGoals(result: Result, folder: string, json = false): void {
  const verdicts = evaluateGoals(result);
  if (verdicts.length === 0) {
    throw new EvenkeelError(`${folder}: there is no goal for what was compared here`, {
      hints: [
        'Goals are for outsourcing beside another of the methods that `compare` runs, with a seed of both.',
      ],
    });
  }
  process.stdout.write(json ? formatJson(verdicts) : renderGoals(verdicts));
  if (verdicts.some(({ holds }) => !holds)) process.exitCode = ExitCode.findings;
}

export function schemaCommand(): Command {
  return new Command('schema')
    .summary('print the JSON Schema of result.json')
    .description(
      'Prints the JSON Schema of result.json, for editors and for programs in other languages.',
    )
    .action(() => {
      process.stdout.write(formatJson(resultJsonSchema()));
    });
}
