import { paperCitation, paperFigures } from '../../../src/methods/paper.ts';
import type { MethodResult } from '../../../src/results/schema.ts';
import type { Figure } from '../../../src/statistics/figure.ts';
import { samplesNeeded } from '../../../src/statistics/resolution.ts';
import { type FigureColumn, figureColumns } from '../figures.ts';
import { formatGbps, formatInterval, formatUs } from '../format.ts';
import { ColumnHead } from './column-head.tsx';
import { Table } from './table.tsx';

const paperColumns = [
  { key: 'meanUs', label: 'mean', unit: 'µs', format: formatUs },
  { key: 'p99Us', label: 'p99', unit: 'µs', format: formatUs },
  { key: 'sdUs', label: 'SD', unit: 'µs', format: formatUs },
  { key: 'heavyGbps', label: 'heavy', unit: 'Gbit/s', format: formatGbps },
] as const;

export function SummaryTable({ methods }: { methods: readonly MethodResult[] }) {
  const columns = figureColumns(methods);
  return (
    <>
      <Table
        class="summary"
        caption="Response time at the wire, throughput of the Heavy Receivers and CPU utilisation over all seeds; in brackets the 95 % bootstrap confidence interval over seeds."
      >
        <SummaryHead columns={columns} />
        <tbody>
          {methods.map((method) => (
            <SummaryRow key={method.id} method={method} columns={columns} />
          ))}
        </tbody>
      </Table>
      <p class="note">
        A percentile is shown where at least {samplesNeeded} responses are at or above it; fewer are
        too few to tell.
      </p>
      <p class="note">
        The columns of the paper are for reference: another machine, other kernels, another clock.
        They are from {paperCitation}.
      </p>
    </>
  );
}

function SummaryHead({ columns }: { columns: readonly FigureColumn[] }) {
  return (
    <thead>
      <tr>
        <th rowSpan={2} scope="col">
          method
        </th>
        <th colSpan={columns.length} scope="colgroup">
          measured
        </th>
        <th colSpan={paperColumns.length} scope="colgroup" class="paper">
          paper (hardware, 2018)
        </th>
      </tr>
      <tr>
        {columns.map(({ name, label, unit }) => (
          <ColumnHead key={name} label={label} unit={unit} />
        ))}
        {paperColumns.map(({ key, label, unit }) => (
          <ColumnHead key={key} label={label} unit={unit} class="paper" />
        ))}
      </tr>
    </thead>
  );
}

interface SummaryRowProps {
  method: MethodResult;
  columns: readonly FigureColumn[];
}

function SummaryRow({ method: { id, title, sections }, columns }: SummaryRowProps) {
  const reference = paperFigures.get(id);
  return (
    <tr>
      <th scope="row">{title}</th>
      {columns.map((column) => (
        <FigureCell key={column.name} methodId={id} column={column} figure={column.of(sections)} />
      ))}
      {paperColumns.map(({ key, format }) => {
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
