import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { figureColumns } from '../../report/src/figures.js';
import { formatGbps, formatInterval, formatUs } from '../../report/src/format.js';
import { throughput } from '../../src/instruments/throughput/instrument.js';
import { wire } from '../../src/instruments/wire/instrument.js';
import { paperFigures } from '../../src/methods/paper.js';
import { renderHtml } from '../../src/reporters/html.js';
import type { Result } from '../../src/results/schema.js';
import { compareResultFixture } from './result.fixture.js';

const chromiumPath = '/usr/bin/chromium';
/** Stays after the test, for a look at the page. */
const screenshots = join(tmpdir(), 'evenkeel-report');
const wide = { viewport: { width: 1200, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

let directory: string;
let browser: Browser;

beforeAll(async () => {
  if (!existsSync(chromiumPath)) {
    throw new Error(`the test of the report needs ${chromiumPath}: apt-get install chromium`);
  }
  directory = await mkdtemp(join(tmpdir(), 'evenkeel-report-test-'));
  await mkdir(screenshots, { recursive: true });
  await buildTemplate();
  browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  if (directory !== undefined) await rm(directory, { recursive: true });
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});

/** Builds what users get; vitest's own NODE_ENV would make it a development build. */
async function buildTemplate(): Promise<void> {
  vi.stubEnv('NODE_ENV', 'production');
  await build({
    configFile: fileURLToPath(new URL('../../report/vite.config.ts', import.meta.url)),
    logLevel: 'warn',
    build: { outDir: join(directory, 'template') },
  });
  vi.unstubAllEnvs();
}

interface OpenPage {
  page: Page;
  /** Everything that the page asked for but itself, and everything that it complained about. */
  trouble: string[];
}

async function open(result: Result, options: BrowserContextOptions): Promise<OpenPage> {
  const template = pathToFileURL(join(directory, 'template', 'index.html'));
  const file = join(directory, 'report.html');
  await writeFile(file, await renderHtml(result, template));
  const context = await browser.newContext({ ...options, offline: true });
  const page = await context.newPage();
  const { href } = pathToFileURL(file);
  const trouble: string[] = [];
  page.on('request', (request) => {
    if (request.url() !== href) trouble.push(`request of ${request.url()}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') trouble.push(message.text());
  });
  page.on('pageerror', (error) => trouble.push(error.message));
  await page.goto(href);
  await page.locator('h1').waitFor({ timeout: 10_000 });
  return { page, trouble };
}

/** The text of each element with this attribute, by the attribute's value. */
function textsBy(page: Page, attribute: string): Promise<Record<string, string>> {
  return page
    .locator(`[${attribute}]`)
    .evaluateAll(
      (elements, name) =>
        Object.fromEntries(elements.map((e) => [e.getAttribute(name), e.textContent])),
      attribute,
    );
}

function figure(page: Page, title: string): Locator {
  return page.locator(`figure > svg[aria-label^="${title}"]`);
}

function expectedFigures({ methods }: Result): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { id, sections } of methods) {
    for (const { name, format, of } of figureColumns(methods)) {
      const figure = of(sections);
      texts[`${id}.${name}`] = figure === undefined ? '–' : format(figure.value);
      if (figure === undefined || figure.ci95 === null || name === 'n') continue;
      texts[`${id}.${name}.ci95`] = formatInterval(figure.ci95, format);
    }
  }
  return texts;
}

describe('the report in a browser', () => {
  it('has in it what it draws with, and not what checks results', async () => {
    const template = await readFile(join(directory, 'template', 'index.html'), 'utf8');
    expect(template).not.toContain('ZodError');
  });

  it('shows every figure of the summary as the result has it', async () => {
    const result = compareResultFixture();
    const { page, trouble } = await open(result, wide);
    expect(await textsBy(page, 'data-figure')).toEqual(expectedFigures(result));
    await page.screenshot({ path: join(screenshots, 'wide.png'), fullPage: true });
    expect(trouble).toEqual([]);
  });

  it('shows the figures of the paper in columns of their own, and none that it lacks', async () => {
    const { page } = await open(compareResultFixture(), wide);
    const texts = await textsBy(page, 'data-paper');
    const threaded = paperFigures.get('threaded');
    expect(texts['threaded.meanUs']).toBe(formatUs(threaded?.meanUs ?? Number.NaN));
    expect(texts['threaded.heavyGbps']).toBe(formatGbps(threaded?.heavyGbps ?? Number.NaN));
    expect(texts['threaded-napi.meanUs']).toBe('–');
    expect(await page.locator('.summary thead').textContent()).toContain('paper (hardware, 2018)');
  });

  it('shows no percentile that the responses do not resolve, and ends its curve before', async () => {
    const result = compareResultFixture();
    const { page } = await open(result, wide);
    const texts = await textsBy(page, 'data-figure');
    expect(texts['vanilla.p999']).toBe('–');
    expect(texts['vanilla.p99']).not.toBe('–');
    const label = await figure(page, 'Percentiles of the response times').getAttribute(
      'aria-label',
    );
    // 3 responses in 1000, of 3000, are 9.
    expect(label).toMatch(/Vanilla Linux: 99\.5 % within/);
  });

  it('gives every factor of ten of the response times the same room', async () => {
    const { page } = await open(compareResultFixture(), wide);
    const distribution = figure(page, 'Distribution of the response times');
    const at = await distribution
      .locator('.axis g')
      .evaluateAll((ticks) =>
        Object.fromEntries(
          ticks.map((tick) => [tick.textContent, tick.getBoundingClientRect().left]),
        ),
      );
    const decade = (at['10,000'] ?? Number.NaN) - (at['1,000'] ?? Number.NaN);
    expect((at['100,000'] ?? Number.NaN) - (at['10,000'] ?? Number.NaN)).toBeCloseTo(decade, 0);
    // The longest response takes 79 ms, those of the fastest method from 0.2 ms on.
    const bars = await distribution.locator('path').last().boundingBox();
    expect(bars?.width).toBeGreaterThan(decade / 10);
  });

  it('has no intervals with one seed', async () => {
    const result = compareResultFixture([1]);
    const { page, trouble } = await open(result, wide);
    expect(await textsBy(page, 'data-figure')).toEqual(expectedFigures(result));
    expect(await page.locator('.interval, .whisker').count()).toBe(0);
    expect(trouble).toEqual([]);
  });

  it('marks the settings that were not applied as wanted', async () => {
    const { page } = await open(compareResultFixture(), wide);
    expect(await page.locator('.mismatch').count()).toBe(1);
    expect(await page.locator('.mismatch').textContent()).toContain('interrupt 26');
    expect(await page.locator('.warning').textContent()).toContain('1 setting');
  });

  it('describes every figure and names every table', async () => {
    const { page } = await open(compareResultFixture(), wide);
    expect(await page.locator('figure > svg[role=img][aria-label]').count()).toBe(5);
    expect(await page.locator('table:not(:has(caption))').count()).toBe(0);
  });

  it('never scrolls sideways on a phone', async () => {
    const { page, trouble } = await open(compareResultFixture(), { ...phone, colorScheme: 'dark' });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.screenshot({ path: join(screenshots, 'phone-dark.png'), fullPage: true });
    expect(trouble).toEqual([]);
  });

  it('draws its axes when every response was lost', async () => {
    const result = compareResultFixture([1]);
    for (const { sections } of result.methods) {
      sections.wire = wire.summarize([{ seed: 1, figures: { samples: [], lost: 1000 } }]);
      sections.throughput = throughput.summarize([{ seed: 1, figures: [0, 0] }]);
    }
    const { page, trouble } = await open(result, wide);
    expect(
      await page.locator('svg').evaluateAll((all) => all.map((svg) => svg.innerHTML).join()),
    ).not.toMatch(/NaN|Infinity|undefined/);
    expect(trouble).toEqual([]);
  });
});
