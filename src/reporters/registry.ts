import { join } from 'node:path';
import { formatJson } from '../process/json.js';
import { writeOutputFile } from '../process/output.js';
import type { Result } from '../results/schema.js';
import { hgrmOfMethods } from './hgrm-files.js';
import { renderHtml } from './html.js';
import { renderMarkdown } from './markdown.js';
import { perfettoOfRuns } from './perfetto/files.js';
import { prometheusInput, renderPrometheus } from './prometheus.js';
import type { Reporter } from './reporter.js';
import { renderText } from './text.js';

/** The formats that there are; a new one is a file or folder and an entry here. */
export const reportFormats = {
  html: {
    summary: 'one page that draws everything and needs no network: report.html',
    render: async (result) => [{ path: 'report.html', content: await renderHtml(result) }],
  },
  table: {
    summary: 'text for a terminal',
    render: async (result) => [{ content: renderText(result) }],
  },
  markdown: {
    summary: 'a table and its caption for a document',
    render: async (result) => [{ content: renderMarkdown(result) }],
  },
  json: {
    summary: 'the result itself; `evenkeel schema` prints its schema',
    render: async (result) => [{ content: formatJson(result) }],
  },
  hgrm: {
    summary: "response times of each method as HdrHistogram's percentile distribution",
    render: async (result, directory) => hgrmOfMethods(result, directory),
  },
  prometheus: {
    summary: "figures for the textfile collector of Prometheus' node exporter",
    render: async (result) => [{ content: await renderPrometheus(prometheusInput(result)) }],
  },
  perfetto: {
    summary: 'a trace of each run with probes or with a kernel trace, for ui.perfetto.dev',
    render: async (result, directory) => perfettoOfRuns(result, directory),
  },
} as const satisfies Record<string, Reporter>;

export type ReportFormat = keyof typeof reportFormats;

/**
 * Renders a result, prints what is for stdout and writes the other files; each is replaced as a whole.
 * @returns the paths of the files
 */
export async function writeReports(
  reporter: Reporter,
  result: Result,
  directory: string,
): Promise<string[]> {
  const paths = [];
  for (const { path, content } of await reporter.render(result, directory)) {
    if (path === undefined) {
      process.stdout.write(content);
      continue;
    }
    const target = join(directory, path);
    await writeOutputFile(target, content);
    paths.push(target);
  }
  return paths;
}
