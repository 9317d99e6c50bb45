import type { ProbeCost } from '../../../src/instruments/path/schema.ts';
import { formatCount, formatInterval, formatTwoDecimals } from '../format.ts';
import type { MethodSection } from '../method-section.ts';
import { ColumnHead } from './column-head.tsx';
import { Table } from './table.tsx';

/** What the time-stamps themselves take; nothing where no run was repeated without them. */
export function ProbeCostTable({ methods }: { methods: readonly MethodSection<'path'>[] }) {
  const measured = methods.filter(({ section }) => section.costs.length > 0);
  if (measured.length === 0) return null;
  return (
    <Table
      class="costs"
      caption="What time-stamps cost: by how much the same requests take longer with probes than without; in brackets the 95 % confidence interval over requests."
    >
      <thead>
        <tr>
          <th scope="col">method</th>
          <th scope="col">probes</th>
          <ColumnHead label="per request" unit="µs" />
          <ColumnHead label="per time-stamp" unit="µs" />
          <ColumnHead label="requests" unit="n" />
        </tr>
      </thead>
      {measured.map(({ id, title, section: { costs } }) => (
        <tbody key={id}>
          {costs.map(({ points, addedPerRequest, addedPerRecord, n }, index) => (
            <tr key={points}>
              {index === 0 && (
                <th scope="rowgroup" rowSpan={costs.length}>
                  {title}
                </th>
              )}
              <td>{formatCount(points)}</td>
              <CostCell cost={addedPerRequest} />
              <CostCell cost={addedPerRecord} />
              <td>{formatCount(n)}</td>
            </tr>
          ))}
        </tbody>
      ))}
    </Table>
  );
}

function CostCell({ cost: { mean, ci95 } }: { cost: ProbeCost['addedPerRequest'] }) {
  return (
    <td>
      {formatTwoDecimals(mean)}
      <span class="interval">{formatInterval(ci95, formatTwoDecimals)}</span>
    </td>
  );
}
