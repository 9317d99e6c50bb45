import { describe, expect, it } from 'vitest';
import { figureColumns } from '../../report/src/figures.js';
import { formatGbps, formatInterval, formatUs } from '../../report/src/format.js';
import { throughput } from '../../src/instruments/throughput/instrument.js';
import { wire } from '../../src/instruments/wire/instrument.js';
import { paperFigures } from '../../src/methods/paper.js';
import type { Result } from '../../src/results/schema.js';
import {
  drawings,
  figure,
  phone,
  reportInBrowser,
  saveScreenshot,
  textsBy,
  wide,
} from './browser.js';
import { resultFixture } from './result.fixture.js';

const open = reportInBrowser();

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
  it('shows every figure of the summary as the result has it', async () => {
    const result = resultFixture();
    const { page, trouble } = await open(result, wide);
    expect(await textsBy(page, 'data-figure')).toEqual(expectedFigures(result));
    await saveScreenshot(page, 'wide');
    expect(trouble).toEqual([]);
  });

  it('shows the figures of the paper in columns of their own, and none that it lacks', async () => {
    const { page } = await open(resultFixture(), wide);
    const texts = await textsBy(page, 'data-paper');
    const threaded = paperFigures.get('threaded');
    expect(texts['threaded.meanUs']).toBe(formatUs(threaded?.meanUs ?? Number.NaN));
    expect(texts['threaded.heavyGbps']).toBe(formatGbps(threaded?.heavyGbps ?? Number.NaN));
    expect(texts['threaded-napi.meanUs']).toBe('–');
    expect(await page.locator('.summary thead').textContent()).toContain('paper (hardware, 2018)');
  });

  it('shows no percentile that the responses do not resolve, and ends its curve before', async () => {
    const result = resultFixture();
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
    const { page } = await open(resultFixture(), wide);
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
    const result = resultFixture([1]);
    const { page, trouble } = await open(result, wide);
    expect(await textsBy(page, 'data-figure')).toEqual(expectedFigures(result));
    expect(await page.locator('.interval, .whisker').count()).toBe(0);
    expect(trouble).toEqual([]);
  });

  it('marks the settings that were not applied as wanted', async () => {
    const { page } = await open(resultFixture(), wide);
    expect(await page.locator('.mismatch').count()).toBe(1);
    expect(await page.locator('.mismatch').textContent()).toContain('interrupt 26');
    expect(await page.locator('.warning').textContent()).toContain('1 setting');
    expect(await page.locator('#settings details[open]').count()).toBe(1);
    expect(await page.locator('#settings details:not([open])').count()).toBeGreaterThan(1);
  });

  it('numbers the figures and gives each colour a swatch', async () => {
    const { page } = await open(resultFixture(), wide);
    const counters = await page
      .locator('.figure-number')
      .evaluateAll((all) => all.map((one) => getComputedStyle(one, '::before').counterIncrement));
    expect(counters).toEqual(counters.map(() => 'figure 1'));
    expect(
      await page.locator('#page').evaluate((main) => getComputedStyle(main).counterReset),
    ).toBe('figure 0');
    const swatches = await page
      .locator('.swatch')
      .evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
    expect(swatches.length).toBeGreaterThan(0);
    expect(swatches).not.toContain('rgba(0, 0, 0, 0)');
  });

  it('describes every figure and names every table', async () => {
    const { page } = await open(resultFixture(), wide);
    expect(await page.locator('figure > svg[role=img][aria-label]').count()).toBe(5);
    expect(await page.locator('table:not(:has(caption))').count()).toBe(0);
  });

  it('never scrolls sideways on a phone', async () => {
    const { page, trouble } = await open(resultFixture(), { ...phone, colorScheme: 'dark' });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await saveScreenshot(page, 'phone-dark');
    expect(trouble).toEqual([]);
  });

  it('draws its axes when every response was lost', async () => {
    const result = resultFixture([1]);
    for (const { sections } of result.methods) {
      sections.wire = wire.summarize([{ seed: 1, figures: { samples: [], lost: 1000 } }]);
      sections.throughput = throughput.summarize([{ seed: 1, figures: [0, 0] }]);
    }
    const { page, trouble } = await open(result, wide);
    expect(await drawings(page)).not.toMatch(/NaN|Infinity|undefined/);
    expect(trouble).toEqual([]);
  });
});
