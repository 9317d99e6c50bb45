import type { MethodResult } from '../../../src/results/schema.ts';
import { type FigureColumn, figureColumns } from '../figures.ts';
import { formatMbps } from '../format.ts';
import { ColumnHead } from './column-head.tsx';
import { Table } from './table.tsx';

export function SeedTable({ methods }: { methods: readonly MethodResult[] }) {
  const columns = figureColumns(methods);
  const hasThroughput = methods.some(({ sections }) => sections.throughput !== undefined);
  return (
    <Table caption="The figures of every run.">
      <thead>
        <tr>
          <th scope="col">method</th>
          <th scope="col">seed</th>
          {columns.map(({ name, label, unit }) => (
            <ColumnHead key={name} label={label} unit={unit} />
          ))}
          {hasThroughput && <ColumnHead label="heavy by VM" unit="Mbit/s" />}
        </tr>
      </thead>
      {methods.map((method) => (
        <tbody key={method.id}>
          {method.runs.map(({ seed }, index) => (
            <tr key={seed}>
              {index === 0 && (
                <th scope="rowgroup" rowSpan={method.runs.length}>
                  {method.title}
                </th>
              )}
              <td>{seed}</td>
              {columns.map((column) => (
                <td key={column.name}>{seedFigure(column, method, seed)}</td>
              ))}
              {hasThroughput && <td>{throughputByVm(method, seed)}</td>}
            </tr>
          ))}
        </tbody>
      ))}
    </Table>
  );
}

function seedFigure({ ofSeed, format }: FigureColumn, method: MethodResult, seed: number): string {
  const value = ofSeed(method.sections, seed);
  return value === undefined ? '–' : format(value);
}

function throughputByVm({ sections }: MethodResult, seed: number): string {
  const run = sections.throughput?.runs.find((one) => one.seed === seed);
  return run === undefined ? '–' : run.mbpsPerVm.map(formatMbps).join(' + ');
}
