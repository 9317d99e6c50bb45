import { describe, expect, it } from 'vitest';
import { EvenkeelError } from '../../src/process/errors.js';
import { embedResult, renderHtml } from '../../src/reporters/html.js';
import { comparisonOfTwo } from './comparison-of-two.js';

const template = '<body><script type="application/json" id="result"></script></body>';

function embeddedJson(page: string): string {
  return /id="result">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
}

describe('embedResult', () => {
  it('puts the whole result into its slot and changes nothing else', async () => {
    const result = await comparisonOfTwo();
    const page = embedResult(template, result);
    expect(JSON.parse(embeddedJson(page))).toEqual(result);
    expect(page.replace(embeddedJson(page), '')).toBe(template);
  });

  it('lets no text of the result end the element or open a comment', async () => {
    const command = 'evenkeel compare </script><!--<script>';
    const page = embedResult(template, { ...(await comparisonOfTwo()), command });
    expect(embeddedJson(page)).not.toContain('<');
    expect(JSON.parse(embeddedJson(page)).command).toBe(command);
  });

  it('does not read replacement patterns in the result', async () => {
    const command = "evenkeel compare $& $' $` $1";
    const page = embedResult(template, { ...(await comparisonOfTwo()), command });
    expect(JSON.parse(embeddedJson(page)).command).toBe(command);
  });

  it.each(['<body></body>', template + template])(
    'refuses a template without its one slot',
    async (bad) => {
      const result = await comparisonOfTwo();
      expect(() => embedResult(bad, result)).toThrow(EvenkeelError);
    },
  );
});

describe('renderHtml', () => {
  it('says how to build the template when there is none', async () => {
    const missing = new URL('file:///nonexistent/report/index.html');
    await expect(renderHtml(await comparisonOfTwo(), missing)).rejects.toMatchObject({
      name: 'EvenkeelError',
      message: expect.stringContaining('/nonexistent/report/index.html'),
      hints: ['Build it with `npm run build`.'],
    });
  });
});
