import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { type ReportFormat, reportFormats, writeReports } from '../reporters/registry.js';
import { readResult, resultFile } from '../results/file.js';

export function reportCommand(): Command {
  const formats = Object.entries(reportFormats);
  return new Command('report')
    .summary('write the report of a result')
    .description('Renders result.json in one of several formats; html is the default.')
    .argument(
      '<folder>',
      'the --out folder of a command that ran methods, or one that was analyzed',
    )
    .addOption(
      new Option('--format <format>', 'format of the report')
        .choices(formats.map(([format]) => format))
        .default('html'),
    )
    .addHelpText(
      'after',
      `
Formats:
${formats.map(([format, { summary }]) => `  ${format.padEnd(12)}${summary}`).join('\n')}

Those that are text go to stdout, the others to files, whose paths are printed.

Examples:
  evenkeel report results/compare
  evenkeel report results/path --format perfetto
  evenkeel report results/compare --format prometheus`,
    )
    .action(async (folder: string, { format }: { format: ReportFormat }) => {
      const directory = resolve(folder);
      const result = await readResult(join(directory, resultFile));
      for (const path of await writeReports(reportFormats[format], result, directory)) {
        process.stdout.write(`${path}\n`);
      }
    });
}
