import { Command } from 'commander';
import { allMethods, methodById } from '../methods/catalogue.js';
import { formatJson } from '../process/json.js';
import { renderMethods, renderMethodsMarkdown } from '../reporters/methods.js';

interface MethodsFlags {
  readonly json?: boolean;
  readonly markdown?: boolean;
}

export function methodsCommand(): Command {
  return new Command('methods')
    .summary('list the methods, and the settings of each with its reason')
    .description(
      'Lists the methods that the other commands can run. For one method, also lists what it sets on the host, ' +
        'and why.',
    )
    .argument('[id]', 'print only this method, with its settings')
    .option('--json', 'print them as JSON')
    .option('--markdown', 'print the table as Markdown')
    .addHelpText(
      'after',
      '\nExamples:\n  evenkeel methods\n  evenkeel methods outsourcing\n  evenkeel methods --json',
    )
    .action((id: string | undefined, { json, markdown }: MethodsFlags) => {
      const methods = id === undefined ? allMethods() : [methodById(id)];
      if (json) process.stdout.write(formatJson({ schema: 'evenkeel.methods/1', methods }));
      else if (markdown) process.stdout.write(renderMethodsMarkdown(methods));
      else process.stdout.write(renderMethods(methods, id !== undefined));
    });
}
