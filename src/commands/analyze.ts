import { resolve } from 'node:path';
import { Command } from 'commander';
import { analyzeDirectory } from '../experiment/result-directory.js';
import { renderMarkdown } from '../reporters/markdown.js';
import { compareResultJsonSchema } from '../result/json-schema.js';
import { printTable } from './print-table.js';

export function analyzeCommand(): Command {
  return new Command('analyze')
    .summary('compute the result from the artifacts of runs')
    .description(
      'Reads the artifacts of a run, or of all runs of a comparison, and writes result.json there. ' +
        'The same artifacts always give the same bytes.',
    )
    .argument('<folder>', 'the --out folder of `run` or `compare`')
    .option('--json', 'print the result as JSON instead of the table')
    .option('--markdown', 'print the table as Markdown')
    .addHelpText(
      'after',
      `
Examples:
  evenkeel analyze results/compare
  evenkeel analyze results/one --json`,
    )
    .action(async (folder: string, flags: { json?: boolean; markdown?: boolean }) => {
      const result = await analyzeDirectory(resolve(folder));
      if (flags.json) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
      else if (flags.markdown) process.stdout.write(renderMarkdown(result));
      else printTable(result);
    });
}

export function schemaCommand(): Command {
  return new Command('schema').summary('print the JSON Schema of result.json').action(() => {
    process.stdout.write(`${JSON.stringify(compareResultJsonSchema(), undefined, 2)}\n`);
  });
}
