import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { InterruptedError } from '../../src/process/errors.js';
import { createProgress } from '../../src/process/progress.js';

class FakeStream {
  readonly isTTY: boolean;
  readonly columns = 40;
  text = '';

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}

/** What a terminal shows after this output: it knows "up n rows" and "clear below" only. */
function screen(text: string): string[] {
  let rows: string[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const parts = text.split(/\r\x1b\[(\d+)A\x1b\[J/);
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1) rows = rows.slice(0, -Number(part));
    else rows.push(...part.split('\n').slice(0, -1));
  }
  return rows;
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const noColour = { NO_COLOR: '1' };
const waits = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

test('without a terminal: a line at the start, every 30 s, and at the end', async () => {
  const stream = new FakeStream(false);
  const progress = createProgress(stream, {});
  const task = progress.task('compile', async ({ detail }) => {
    detail('1 of 2');
    await waits(65_000);
    return 7;
  });
  progress.note('by the way');
  await vi.advanceTimersByTimeAsync(65_000);
  expect(await task).toBe(7);
  expect(stream.text.split('\n')).toEqual([
    'compile',
    'by the way',
    'still compile (30 s): 1 of 2',
    'still compile (1 min 0 s): 1 of 2',
    'done compile (1 min 5 s)',
    '',
  ]);
});

test('says how a task failed, and passes the error on', async () => {
  const stream = new FakeStream(false);
  const progress = createProgress(stream, {});
  const fail = (error: Error) => progress.task('a', () => Promise.reject(error));
  await expect(fail(new Error('no'))).rejects.toThrow('no');
  await expect(fail(new InterruptedError())).rejects.toThrow(InterruptedError);
  expect(stream.text).toBe('a\nfailed a (0 s)\na\nstopped a (0 s)\n');
});

test('on a terminal: a line for each running task, below the lines that stay', async () => {
  const stream = new FakeStream(true);
  const progress = createProgress(stream, noColour);
  const first = progress.task('first', ({ detail }) => {
    detail('unpacking libc');
    return waits(3_000);
  });
  const second = progress.task('second', () => waits(5_000));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(screen(stream.text)).toEqual(['  first (2 s): unpacking libc', '  second (2 s)']);
  progress.note('a note');
  expect(screen(stream.text)[0]).toBe('a note');
  await vi.advanceTimersByTimeAsync(2_000);
  await first;
  expect(screen(stream.text)).toEqual(['a note', '✓ first (3 s)', '  second (4 s)']);
  await vi.advanceTimersByTimeAsync(1_000);
  await second;
  expect(screen(stream.text)).toEqual(['a note', '✓ first (3 s)', '✓ second (5 s)']);
  const { length } = stream.text;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(stream.text).toHaveLength(length);
});

test('on a terminal: cuts a line to its width', async () => {
  const stream = new FakeStream(true);
  const progress = createProgress(stream, noColour);
  const task = progress.task('long', ({ detail }) => {
    detail('x'.repeat(100));
    return waits(1_000);
  });
  await vi.advanceTimersByTimeAsync(400);
  const [line = ''] = screen(stream.text);
  expect(line).toHaveLength(stream.columns - 1);
  expect(line.endsWith('x…')).toBe(true);
  await vi.advanceTimersByTimeAsync(1_000);
  await task;
});

test('colours only a terminal, and only without NO_COLOR', async () => {
  const output = async (isTTY: boolean, environment: Record<string, string>) => {
    const stream = new FakeStream(isTTY);
    await createProgress(stream, environment).task('a', () => Promise.resolve());
    return stream.text;
  };
  expect(await output(true, {})).toContain('\x1b[32m✓');
  expect(await output(true, { NO_COLOR: '' })).toContain('\x1b[32m✓');
  expect(await output(true, noColour)).not.toContain('\x1b[32m');
  expect(await output(true, { TERM: 'dumb' })).not.toContain('\x1b');
  expect(await output(false, {})).not.toContain('\x1b');
});
