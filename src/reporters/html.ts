import { readFile } from 'node:fs/promises';
import { EvenkeelError } from '../process/errors.js';
import type { Result } from '../results/schema.js';

/** The same file whether this module runs from src/ or from dist/. */
const builtTemplate = new URL('../../dist/report/index.html', import.meta.url);

/** What report/index.html keeps free for the result; the build leaves it as it is. */
const slot = '<script type="application/json" id="result"></script>';

/**
 * The report: one self-contained page that draws everything from the result in it.
 * @throws EvenkeelError if the template was not built
 */
export async function renderHtml(result: Result, template: URL = builtTemplate): Promise<string> {
  return embedResult(await readTemplate(template), result);
}

async function readTemplate(template: URL): Promise<string> {
  try {
    return await readFile(template, 'utf8');
  } catch (cause) {
    throw new EvenkeelError(`cannot read the template of the HTML report, ${template.pathname}`, {
      cause,
      hints: ['Build it with `npm run build`.'],
    });
  }
}

/**
 * The template with the result in its slot.
 * @throws EvenkeelError if the template does not have exactly one slot
 */
export function embedResult(template: string, result: Result): string {
  const [before, after, ...more] = template.split(slot);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new EvenkeelError(`the template of the HTML report does not have exactly one ${slot}`, {
      hints: ['Build it again with `npm run build`.'],
    });
  }
  // A `</script>` or `<!--` inside the data would end or change the element it is in.
  const json = JSON.stringify(result).replaceAll('<', '\\u003c');
  return `${before}${slot.replace('><', () => `>${json}<`)}${after}`;
}
