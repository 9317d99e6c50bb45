import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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
import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import { renderHtml } from '../../src/reporters/html.js';
import type { Result } from '../../src/results/schema.js';

const chromiumPath = '/usr/bin/chromium';
/** Stays after the test, for a look at the page. */
const screenshots = join(tmpdir(), 'evenkeel-report');

export const wide = { viewport: { width: 1200, height: 800 } };
export const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

export interface OpenPage {
  page: Page;
  /** Everything that the page asked for but itself, and everything that it complained about. */
  trouble: string[];
}

export type OpenReport = (result: Result, options: BrowserContextOptions) => Promise<OpenPage>;

/**
 * Builds the report once for the tests of a file and starts a browser for them.
 * @returns what opens the report of a result
 */
export function reportInBrowser(): OpenReport {
  let directory: string;
  let browser: Browser;

  beforeAll(async () => {
    if (!existsSync(chromiumPath)) {
      throw new Error(`the test of the report needs ${chromiumPath}: apt-get install chromium`);
    }
    directory = await mkdtemp(join(tmpdir(), 'evenkeel-report-test-'));
    await mkdir(screenshots, { recursive: true });
    await buildTemplate(join(directory, 'template'));
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

  return async (result, options) => {
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
  };
}

/** Builds what users get; vitest's own NODE_ENV would make it a development build. */
async function buildTemplate(outDir: string): Promise<void> {
  vi.stubEnv('NODE_ENV', 'production');
  await build({
    configFile: fileURLToPath(new URL('../../report/vite.config.ts', import.meta.url)),
    logLevel: 'warn',
    build: { outDir },
  });
  vi.unstubAllEnvs();
}

export async function saveScreenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

/** The text of each element with this attribute, by the attribute's value. */
export function textsBy(page: Page, attribute: string): Promise<Record<string, string>> {
  return page
    .locator(`[${attribute}]`)
    .evaluateAll(
      (elements, name) =>
        Object.fromEntries(elements.map((e) => [e.getAttribute(name), e.textContent])),
      attribute,
    );
}

export function figure(page: Page, title: string): Locator {
  return page.locator(`figure > svg[aria-label^="${title}"]`);
}

/** What all figures are drawn with. */
export async function drawings(page: Page): Promise<string> {
  const all = await page.locator('svg').evaluateAll((svgs) => svgs.map((svg) => svg.innerHTML));
  return all.join();
}
