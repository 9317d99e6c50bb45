import { describe, expect, it } from 'vitest';
import { EvenkeelError } from '../../src/process/errors.js';
import { embedResult, renderHtml } from '../../src/reporters/html.js';
import { compareResultFixture } from '../report/result.fixture.js';

const template = '<body><script type="application/json" id="result"></script></body>';

function embeddedJson(page: string): string {
  return /id="result">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
}

describe('embedResult', () => {
  it('puts the whole result into its slot and changes nothing else', () => {
    const result = compareResultFixture();
    const page = embedResult(template, result);
    expect(JSON.parse(embeddedJson(page))).toEqual(result);
    expect(page.replace(embeddedJson(page), '')).toBe(template);
  });

  it('lets no text of the result end the element or open a comment', () => {
    const command = 'evenkeel compare </script><!--<script>';
    const page = embedResult(template, { ...compareResultFixture(), command });
    expect(embeddedJson(page)).not.toContain('<');
    expect(JSON.parse(embeddedJson(page)).command).toBe(command);
  });

  it('does not read replacement patterns in the result', () => {
    const command = "evenkeel compare $& $' $` $1";
    const page = embedResult(template, { ...compareResultFixture(), command });
    expect(JSON.parse(embeddedJson(page)).command).toBe(command);
  });

  it.each(['<body></body>', template + template])(
    'refuses a template without its one slot',
    (bad) => {
      expect(() => embedResult(bad, compareResultFixture())).toThrow(EvenkeelError);
    },
  );
});

describe('renderHtml', () => {
  it('says how to build the template when there is none', async () => {
    const missing = new URL('file:///nonexistent/report/index.html');
    await expect(renderHtml(compareResultFixture(), missing)).rejects.toMatchObject({
      name: 'EvenkeelError',
      message: expect.stringContaining('/nonexistent/report/index.html'),
      hints: ['Build it with `npm run build`.'],
    });
  });
});
