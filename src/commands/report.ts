import { resolve } from 'node:path';
import { Command } from 'commander';
import { writeReport } from '../results/result-directory.js';

export function reportCommand(): Command {
  return new Command('report')
    .summary('write the report of a result as one HTML file')
    .description('Renders result.json as report.html: one file that needs no network.')
    .argument('<folder>', 'the --out folder of `compare`, or one that was analyzed')
    .addHelpText('after', '\nExample:\n  evenkeel report results/compare')
    .action(async (folder: string) => {
      process.stdout.write(`${await writeReport(resolve(folder))}\n`);
    });
}
