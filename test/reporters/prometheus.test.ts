import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type PrometheusInput,
  type PrometheusMethod,
  renderPrometheus,
} from '../../src/reporters/prometheus.js';

interface Sample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Exposition {
  readonly help: ReadonlyMap<string, string>;
  readonly type: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
}

const unescaped = (text: string) =>
  text.replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character));

/**
 * Reads the text format 0.0.4. Throws where a line is not of that format, where HELP or TYPE occurs twice,
 * after a sample or away from the metric's other lines, and where a sample occurs twice.
 */
function parseExposition(text: string): Exposition {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const help = new Map<string, string>();
  const type = new Map<string, string>();
  const samples: Sample[] = [];
  const order: string[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, keyword, described = '', words = ''] =
      /^# (HELP|TYPE) ([a-z_:][a-z0-9_:]*) (.+)$/.exec(line) ?? [];
    const [, metric = described, inBraces = '', number = ''] =
      /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/s.exec(keyword === undefined ? line : '') ?? [];
    if (metric === '') throw new Error(`no line of the format: ${line}`);
    if (order.at(-1) !== metric) order.push(metric);
    if (keyword !== undefined) {
      const into = keyword === 'HELP' ? help : type;
      if (into.has(metric)) throw new Error(`a second ${keyword} of ${metric}`);
      if (samples.some((sample) => sample.metric === metric)) throw new Error(`late: ${line}`);
      into.set(metric, unescaped(words));
      continue;
    }
    const pairs = [...inBraces.matchAll(/([a-z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/g)];
    if (pairs.map(([whole]) => whole).join('') !== inBraces) throw new Error(`labels: ${line}`);
    const series = `${metric}{${inBraces}}`;
    if (seen.has(series)) throw new Error(`twice: ${series}`);
    seen.add(series);
    const labels = Object.fromEntries(
      pairs.map(([, name = '', value = '']) => [name, unescaped(value)]),
    );
    samples.push({ metric, labels, value: Number(number) });
  }
  if (new Set(order).size !== order.length) throw new Error(`not in groups: ${order.join(' ')}`);
  return { help, type, samples };
}

const outsourcing: PrometheusMethod = {
  id: 'outsourcing',
  ...{ meanUs: 263.5, p50Us: 260.1, p99Us: 310.25, sdUs: 17.5 },
  ...{ n: 999, lost: 1, heavyMbps: 722.7, cpuUtilization: 0.815 },
};

function input(...methods: readonly Partial<PrometheusMethod>[]): PrometheusInput {
  return {
    version: '0.1.0',
    clock: 'instructions',
    methods: methods.map((method) => ({ ...outsourcing, ...method })),
  };
}

describe('renderPrometheus', () => {
  test('gives each figure in base units, with its method and its clock', async () => {
    const { samples } = parseExposition(await renderPrometheus(input({}, { id: 'threaded' })));
    const labels = { method: 'outsourcing', clock: 'instructions' };
    const own = samples.filter(({ labels: { method } }) => method === 'outsourcing');
    expect(own).toEqual([
      { metric: 'evenkeel_response_time_mean_seconds', labels, value: 0.0002635 },
      { metric: 'evenkeel_response_time_p50_seconds', labels, value: 0.0002601 },
      { metric: 'evenkeel_response_time_p99_seconds', labels, value: 0.00031025 },
      { metric: 'evenkeel_response_time_stddev_seconds', labels, value: 0.0000175 },
      { metric: 'evenkeel_requests_answered', labels, value: 999 },
      { metric: 'evenkeel_requests_lost', labels, value: 1 },
      { metric: 'evenkeel_bulk_receive_bytes_per_second', labels, value: 90_337_500 },
      { metric: 'evenkeel_host_cpu_utilization_ratio', labels, value: 0.815 },
    ]);
    expect(samples[0]).toEqual({
      metric: 'evenkeel_measurement_info',
      labels: { version: '0.1.0', clock: 'instructions' },
      value: 1,
    });
    expect(samples).toHaveLength(1 + 2 * own.length);
  });

  test('describes each metric once, as a gauge', async () => {
    const { help, type, samples } = parseExposition(await renderPrometheus(input({}, { id: 'b' })));
    const metrics = [...new Set(samples.map(({ metric }) => metric))];
    expect([...help.keys()]).toEqual(metrics);
    expect([...type.keys()]).toEqual(metrics);
    expect(new Set(type.values())).toEqual(new Set(['gauge']));
    // As promtool asks: these endings and labels belong to other types.
    for (const metric of metrics) expect(metric).not.toMatch(/_(total|count|sum|bucket)$/);
    for (const { labels } of samples) expect(labels).not.toHaveProperty('quantile');
  });

  test('has no response time where no request was answered', async () => {
    const text = await renderPrometheus(input({ n: 0, lost: 5, meanUs: 0 }));
    const { samples } = parseExposition(text);
    const metrics = samples.map(({ metric }) => metric);
    expect(metrics.filter((metric) => metric.includes('response_time'))).toEqual([]);
    expect(metrics).toContain('evenkeel_requests_lost');
  });

  test('escapes what a label must not contain', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string(), async (id, clock) => {
        const text = await renderPrometheus({ ...input({ id }), clock });
        const figures = parseExposition(text).samples.slice(1);
        for (const { labels } of figures) expect(labels).toEqual({ method: id, clock });
      }),
    );
  });

  test('keeps what it renders apart from what it rendered before', async () => {
    await renderPrometheus(input({ id: 'before' }));
    expect(await renderPrometheus(input({}))).not.toContain('before');
  });
});
