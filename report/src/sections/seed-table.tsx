import type { MethodResult, RunResult } from '../../../src/results/schema.ts';
import { isShown } from '../../../src/statistics/resolution.ts';
import { figureColumns, figureOfRun } from '../figures.ts';
import { formatMbps } from '../format.ts';
import { ColumnHead } from './column-head.tsx';
import { Table } from './table.tsx';

export function SeedTable({ methods }: { methods: readonly MethodResult[] }) {
  return (
    <Table caption="The figures of every run.">
      <thead>
        <tr>
          <th scope="col">method</th>
          <th scope="col">seed</th>
          {figureColumns.map(([name, { label, unit }]) => (
            <ColumnHead key={name} label={label} unit={unit} />
          ))}
          <ColumnHead label="heavy by VM" unit="Mbit/s" />
        </tr>
      </thead>
      {methods.map((method) => (
        <tbody key={method.id}>
          {method.runs.map((run, index) => (
            <tr key={run.seed}>
              {index === 0 && (
                <th scope="rowgroup" rowSpan={method.runs.length}>
                  {method.title}
                </th>
              )}
              <SeedCells run={run} />
            </tr>
          ))}
        </tbody>
      ))}
    </Table>
  );
}

function SeedCells({ run }: { run: RunResult }) {
  return (
    <>
      <td>{run.seed}</td>
      {figureColumns.map(([name, { format }]) => (
        <td key={name}>
          {isShown(name, run.responseTimeUs.n) ? format(figureOfRun(run, name)) : '–'}
        </td>
      ))}
      <td>{run.heavyMbpsPerVm.map(formatMbps).join(' + ')}</td>
    </>
  );
}
