import { kinds } from '../../../src/instruments/inversions/text.ts';
import { WaitChart } from '../charts/wait-chart.tsx';
import { formatCount, formatUs } from '../format.ts';
import type { MethodSection } from '../method-section.ts';
import { type Waits, waitsOf } from '../waits.ts';
import { ColumnHead } from './column-head.tsx';
import { Table } from './table.tsx';

type Method = MethodSection<'inversions'>;

export function InversionsSection({ methods }: { methods: readonly Method[] }) {
  return (
    <section>
      <h2>Priority inversions</h2>
      <p>How often RT work waited on the host for work of lower priority, and for how long.</p>
      <WaitChart methods={methods} />
      <KindTable methods={methods} />
      <details>
        <summary>Priority inversions of every run</summary>
        <RunTable methods={methods} />
      </details>
    </section>
  );
}

function KindTable({ methods }: { methods: readonly Method[] }) {
  return (
    <Table
      class="prose"
      caption="Priority inversions of each kind over all seeds, and the longest of them: which thread waited, and for what."
    >
      <thead>
        <tr>
          <th scope="col">method</th>
          <th scope="col">kind</th>
          <ColumnHead label="times" unit="n" class="number" />
          <ColumnHead label="total" unit="µs" class="number" />
          <ColumnHead label="longest" unit="µs" class="number" />
          <th scope="col">the longest one</th>
        </tr>
      </thead>
      {methods.map(({ id, title, section }) => (
        <tbody key={id}>
          {kinds.map(({ kind, name, verdict }, index) => {
            const waits = waitsOf(section.runs, kind);
            return (
              <tr key={kind} data-inversions={`${id}.${kind}`}>
                {index === 0 && (
                  <th scope="rowgroup" rowSpan={kinds.length}>
                    {title}
                  </th>
                )}
                <td>{name}</td>
                <WaitCells waits={waits} />
                <td class="wrap">
                  {waits.worst === undefined
                    ? '–'
                    : `${verdict(waits.worst.inversion)} (seed ${waits.worst.seed})`}
                </td>
              </tr>
            );
          })}
        </tbody>
      ))}
    </Table>
  );
}

function RunTable({ methods }: { methods: readonly Method[] }) {
  return (
    <Table
      class="prose"
      caption="Priority inversions of each kind in every run. RT work was scheduled: how often an RT thread asked for a poll of an RT NIC."
    >
      <thead>
        <tr>
          <th scope="col">method</th>
          <ColumnHead label="seed" unit="" class="number" />
          <ColumnHead label="RT work scheduled" unit="times" class="number" />
          <th scope="col">kind</th>
          <ColumnHead label="times" unit="n" class="number" />
          <ColumnHead label="total" unit="µs" class="number" />
          <ColumnHead label="longest" unit="µs" class="number" />
        </tr>
      </thead>
      {methods.flatMap(({ id, title, section }) =>
        section.runs.map((run) => (
          <tbody key={`${id} ${run.seed}`}>
            {kinds.map(({ kind, name }, index) => (
              <tr key={kind}>
                {index === 0 && (
                  <>
                    <th scope="rowgroup" rowSpan={kinds.length}>
                      {title}
                    </th>
                    <td class="number" rowSpan={kinds.length}>
                      {run.seed}
                    </td>
                    <td class="number" rowSpan={kinds.length}>
                      {formatCount(run.rtScheduled)}
                    </td>
                  </>
                )}
                <td>{name}</td>
                <WaitCells waits={waitsOf([run], kind)} />
              </tr>
            ))}
          </tbody>
        )),
      )}
    </Table>
  );
}

function WaitCells({ waits: { times, totalUs, worst } }: { waits: Waits }) {
  return (
    <>
      <td class="number">{formatCount(times)}</td>
      <td class="number">{formatUs(totalUs)}</td>
      <td class="number">{worst === undefined ? '–' : formatUs(worst.inversion.us)}</td>
    </>
  );
}
