import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { formatCount, formatTwoDecimals, formatUs } from '../../report/src/format.js';
import type { Sections } from '../../src/instruments/registry.js';
import { type Result, resultSchema } from '../../src/results/schema.js';
import { drawings, figure, phone, reportInBrowser, saveScreenshot, wide } from './browser.js';
import { cachesFixture } from './caches.fixture.js';
import { inversionsFixture } from './inversions.fixture.js';
import { pathFixture } from './path.fixture.js';
import { ablationFixture, resultFixture } from './result.fixture.js';

const open = reportInBrowser();

/** The basic result with more sections for some of its methods. */
function resultWith(sections: Readonly<Record<string, Sections>>): Result {
  const result = resultFixture([1, 2]);
  for (const method of result.methods) Object.assign(method.sections, sections[method.id]);
  resultSchema.parse(result);
  return result;
}

/** The result of nothing but these sections of one method. */
function resultOfAlone(sections: Sections): Result {
  const result = resultFixture([1, 2]);
  const [method] = result.methods;
  if (method === undefined) throw new Error('the fixture has methods');
  return { ...result, methods: [{ ...method, sections }] };
}

function everySection(): Sections {
  const [method] = resultFixture([1, 2]).methods;
  return {
    ...method?.sections,
    path: pathFixture({ path: 'virtio', stepUs: 20, delayUs: 300, costs: true }),
    inversions: inversionsFixture({ 'softirq-lock': 20, lock: 3 }, 150),
    caches: cachesFixture({ missesPerSecond: 3.4e6 }),
  };
}

function headings(page: Page): Promise<string[]> {
  return page.locator('h2').allTextContents();
}

const general = ['Settings', 'Environment', 'How to repeat this'];
const comparison = ['Summary', 'Figures', 'Seeds'];

describe('sections of the report', () => {
  it('are those that the result has', async () => {
    const { page } = await open(resultFixture([1]), wide);
    expect(await headings(page)).toEqual([...comparison, ...general]);
  });

  it.each([
    ['wire', comparison],
    ['throughput', comparison],
    ['cpu', comparison],
    ['path', ['Path of a request']],
    ['inversions', ['Priority inversions']],
    ['caches', ['Caches']],
  ] as const)('may be %s alone', async (name, expected) => {
    const { page, trouble } = await open(resultOfAlone({ [name]: everySection()[name] }), wide);
    expect(await headings(page)).toEqual([...expected, ...general]);
    expect(await drawings(page)).not.toMatch(/NaN|Infinity|undefined/);
    expect(trouble).toEqual([]);
  });

  it('bring the columns of the paper that they can be read beside', async () => {
    const { throughput, cpu } = everySection();
    const bulk = await open(resultOfAlone(throughput === undefined ? {} : { throughput }), wide);
    expect(await bulk.page.locator('.summary caption').textContent()).toBe(
      'Throughput of the Heavy Receivers, over all seeds; in brackets the 95 % bootstrap confidence interval over seeds.',
    );
    expect(await bulk.page.locator('[data-paper]').count()).toBe(1);
    const { page } = await open(resultOfAlone(cpu === undefined ? {} : { cpu }), wide);
    expect(await page.locator('.paper').count()).toBe(0);
  });

  it('may be one that the page does not know', async () => {
    const section = { runs: [{ seed: 1, netRx: 4711 }] };
    const { page, trouble } = await open(resultOfAlone({ softirqs: section } as Sections), wide);
    expect(await headings(page)).toEqual(['softirqs', ...general]);
    await page.locator('summary').first().click();
    expect(JSON.parse(await page.locator('pre').first().innerText())).toEqual(section);
    expect(trouble).toEqual([]);
  });

  it('may be none', async () => {
    const { page, trouble } = await open(resultOfAlone({}), wide);
    expect(await headings(page)).toEqual(general);
    expect(trouble).toEqual([]);
  });

  it('fit on a phone, all of them, and are named', async () => {
    const result = resultOfAlone(everySection());
    const { page, trouble } = await open(result, { ...phone, colorScheme: 'dark' });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(await page.locator('figure > svg:not([role=img][aria-label])').count()).toBe(0);
    expect(await page.locator('table:not(:has(caption))').count()).toBe(0);
    await saveScreenshot(page, 'sections-phone-dark');
    expect(trouble).toEqual([]);
  });
});

describe('the path of a request', () => {
  const shape = { path: 'outsourced', stepUs: 8, delayUs: 12 } as const;

  it('has the mean of each segment and a table of its steps', async () => {
    const path = pathFixture({ ...shape, costs: false });
    const { page } = await open(resultWith({ outsourcing: { path } }), wide);
    const means = figure(page, 'Mean time of a request in each segment');
    expect(await means.locator('rect title').allTextContents()).toEqual(
      path.segments.map(({ segment, time }) => `${segment}: ${formatUs(time.mean)} µs`),
    );
    const names = await page.locator('.tree tbody th').allTextContents();
    expect(names).toEqual(
      path.segments.flatMap(({ segment, steps }) => [segment, ...steps.map(({ step }) => step)]),
    );
    expect(
      await page.locator('table', { hasText: 'was seen at every point' }).textContent(),
    ).toMatch(/794 of 800.*6 not seen at “waking”/);
  });

  it('has what probes cost where that was measured', async () => {
    const costs = 'What time-stamps cost';
    const without = await open(
      resultWith({ outsourcing: { path: pathFixture({ ...shape, costs: false }) } }),
      wide,
    );
    expect(await without.page.getByText(costs).count()).toBe(0);
    const path = pathFixture({ ...shape, costs: true });
    const { page } = await open(resultWith({ outsourcing: { path } }), wide);
    const rows = page.locator('table', { hasText: costs }).locator('tbody tr');
    expect(await rows.first().textContent()).toContain(
      formatTwoDecimals(path.costs[0]?.addedPerRequest.mean ?? Number.NaN),
    );
    expect(await rows.count()).toBe(2);
  });

  it('has no 99th percentile that the requests do not resolve', async () => {
    const path = pathFixture({ ...shape, costs: false });
    for (const { time } of path.segments) time.n = 500;
    const { page } = await open(resultOfAlone({ path }), wide);
    expect(await page.locator('.tree .sum td:last-child').allTextContents()).toEqual(
      path.segments.map(() => '–'),
    );
    const label = await figure(page, 'Spread of the time').getAttribute('aria-label');
    expect(label).not.toContain('99th');
  });
});

describe('priority inversions', () => {
  it('are counted by kind, over all seeds and in every run, and the worst is told', async () => {
    const inversions = inversionsFixture({ 'non-rt-work': 40 }, 200);
    const { page, trouble } = await open(resultWith({ threaded: { inversions } }), wide);
    const all = inversions.runs.flatMap((run) => run.inversions.map(({ us }) => us));
    const row = page.locator('[data-inversions="threaded.non-rt-work"] td');
    expect(await row.allTextContents()).toEqual([
      '(c) non-RT work at RT priority',
      formatCount(80),
      formatUs(all.reduce((sum, us) => sum + us, 0)),
      formatUs(Math.max(...all)),
      expect.stringMatching(/^irq\/26-enp0s2 \(FIFO 50\) polled enp0s3 on CPU [01] \(seed [12]\)$/),
    ]);
    const none = page.locator('[data-inversions="threaded.lock"] td');
    expect((await none.allTextContents()).slice(1)).toEqual(['0', '0.0', '–', '–']);
    const ofRuns = page.locator('details', { hasText: 'Priority inversions of every run' });
    expect(await ofRuns.locator('tbody tr').count()).toBe(8);
    expect(trouble).toEqual([]);
  });
});

describe('caches', () => {
  it('have misses by side, and what a byte costs', async () => {
    const caches = cachesFixture({ missesPerSecond: 3.4e6 });
    const { page } = await open(resultWith({ vanilla: { caches } }), wide);
    const bars = figure(page, 'Misses of the last-level cache');
    expect(await bars.locator('rect').count()).toBe(4);
    expect(await page.locator('figcaption', { hasText: 'Misses' }).textContent()).toContain(
      '8,192 KiB in 16 ways',
    );
    const cells = page.locator('[data-caches="vanilla.all but idle"] td');
    const [, , misses, , instructions] = await cells.allTextContents();
    const { use, perHeavyByte } = caches.all;
    expect(misses).toContain(formatTwoDecimals(use.missesPerSecond.value / 1e6));
    expect(instructions).toContain(formatTwoDecimals(perHeavyByte?.instructions.value ?? 0));
  });

  it('have no costs of a byte without Heavy Receivers', async () => {
    const caches = cachesFixture({ missesPerSecond: 1e5, heavyMbps: 0 });
    const { page, trouble } = await open(resultOfAlone({ caches }), wide);
    expect(await page.locator('[data-caches="vanilla.RT"] td').count()).toBe(4);
    expect(trouble).toEqual([]);
  });
});

describe('the effects of the techniques', () => {
  const title = 'Effects of the techniques';

  it('are shown for outsourcing and what lacks one of them', async () => {
    const { page, trouble } = await open(ablationFixture(), wide);
    const label = await figure(page, title).getAttribute('aria-label');
    expect(label).toContain('RT socket outsourcing: mean 1.00 times that');
    expect(await figure(page, title).locator('.whisker').count()).toBe(8);
    expect(trouble).toEqual([]);
  });

  it('are not shown beside other methods', async () => {
    const { page } = await open(resultFixture([1]), wide);
    expect(await figure(page, title).count()).toBe(0);
  });
});
