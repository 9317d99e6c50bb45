import { paperCitation, paperFigures } from '../../../src/methods/paper.ts';
import type { MethodResult } from '../../../src/results/schema.ts';
import type { Figure } from '../../../src/statistics/figure.ts';
import { samplesNeeded } from '../../../src/statistics/resolution.ts';
import { type FigureColumn, figureColumns } from '../figures.ts';
import { formatGbps, formatInterval, formatUs } from '../format.ts';
import { ColumnHead } from './column-head.tsx';
import { Table } from './table.tsx';

/** The figures of the paper, and which of ours they stand beside. */
const paperColumns = [
  { key: 'meanUs', of: 'mean', label: 'mean', unit: 'µs', format: formatUs },
  { key: 'p99Us', of: 'p99', label: 'p99', unit: 'µs', format: formatUs },
  { key: 'sdUs', of: 'sd', label: 'SD', unit: 'µs', format: formatUs },
  { key: 'heavyGbps', of: 'heavyMbps', label: 'heavy', unit: 'Gbit/s', format: formatGbps },
] as const;

type PaperColumn = (typeof paperColumns)[number];

/** What a column is part of, where it is the first one of it. */
const subjects: Readonly<Record<string, string>> = {
  mean: 'response time at the wire',
  heavyMbps: 'throughput of the Heavy Receivers',
  cpuUtilization: 'CPU utilisation of the host',
};

interface Columns {
  readonly measured: readonly FigureColumn[];
  readonly paper: readonly PaperColumn[];
}

function columnsOf(methods: readonly MethodResult[]): Columns {
  const measured = figureColumns(methods);
  const names = measured.map(({ name }) => name);
  return { measured, paper: paperColumns.filter(({ of }) => names.includes(of)) };
}

export function SummaryTable({ methods }: { methods: readonly MethodResult[] }) {
  const columns = columnsOf(methods);
  return (
    <>
      <Table class="summary" caption={captionOf(columns, methods)}>
        <SummaryHead columns={columns} />
        <tbody>
          {methods.map((method) => (
            <SummaryRow key={method.id} method={method} columns={columns} />
          ))}
        </tbody>
      </Table>
      {columns.measured.some(({ name }) => name === 'p99') && (
        <p class="note">
          A percentile is shown where at least {samplesNeeded} responses are at or above it; fewer
          are too few to tell.
        </p>
      )}
      {columns.paper.length > 0 && (
        <p class="note">
          The columns of the paper are for reference: another machine, other kernels, another clock.
          They are from {paperCitation}.
        </p>
      )}
    </>
  );
}

function captionOf({ measured }: Columns, methods: readonly MethodResult[]): string {
  const texts = measured.flatMap(({ name }) => subjects[name] ?? []);
  const last = texts.pop() ?? '';
  const all = texts.length === 0 ? last : `${texts.join(', ')} and ${last}`;
  const intervals = methods.some(({ runs }) => runs.length > 1)
    ? '; in brackets the 95 % bootstrap confidence interval over seeds'
    : '';
  return `${all.charAt(0).toUpperCase()}${all.slice(1)}, over all seeds${intervals}.`;
}

function SummaryHead({ columns: { measured, paper } }: { columns: Columns }) {
  return (
    <thead>
      <tr>
        <th rowSpan={2} scope="col">
          method
        </th>
        <th colSpan={measured.length} scope="colgroup">
          measured
        </th>
        {paper.length > 0 && (
          <th colSpan={paper.length} scope="colgroup" class="paper">
            paper (hardware, 2018)
          </th>
        )}
      </tr>
      <tr>
        {measured.map(({ name, label, unit }) => (
          <ColumnHead key={name} label={label} unit={unit} />
        ))}
        {paper.map(({ key, label, unit }) => (
          <ColumnHead key={key} label={label} unit={unit} class="paper" />
        ))}
      </tr>
    </thead>
  );
}

interface SummaryRowProps {
  method: MethodResult;
  columns: Columns;
}

function SummaryRow({ method: { id, title, sections }, columns }: SummaryRowProps) {
  const reference = paperFigures.get(id);
  return (
    <tr>
      <th scope="row">{title}</th>
      {columns.measured.map((column) => (
        <FigureCell key={column.name} methodId={id} column={column} figure={column.of(sections)} />
      ))}
      {columns.paper.map(({ key, format }) => {
        const value = reference?.[key] ?? null;
        return (
          <td key={key} class="paper" data-paper={`${id}.${key}`}>
            {value === null ? '–' : format(value)}
          </td>
        );
      })}
    </tr>
  );
}

interface FigureCellProps {
  methodId: string;
  column: FigureColumn;
  figure: Figure | undefined;
}

function FigureCell({ methodId, column: { name, format }, figure }: FigureCellProps) {
  if (figure === undefined) return <td data-figure={`${methodId}.${name}`}>–</td>;
  // How many responses there are is counted, not estimated.
  const interval = name === 'n' ? null : figure.ci95;
  return (
    <td>
      <span data-figure={`${methodId}.${name}`}>{format(figure.value)}</span>
      {interval !== null && (
        <span class="interval" data-figure={`${methodId}.${name}.ci95`}>
          {formatInterval(interval, format)}
        </span>
      )}
    </td>
  );
}
