import type { PathSection as Path, Spread } from '../../../src/instruments/path/schema.ts';
import { isResolved } from '../../../src/statistics/resolution.ts';
import { PathChart } from '../charts/path-chart.tsx';
import { SegmentSpreadChart } from '../charts/segment-spread-chart.tsx';
import {
  formatCount,
  formatInterval,
  formatOneDecimal,
  formatQuantity,
  formatUs,
} from '../format.ts';
import type { MethodSection } from '../method-section.ts';
import { ColumnHead } from './column-head.tsx';
import { ProbeCostTable } from './probe-cost-table.tsx';
import { Table } from './table.tsx';

type Method = MethodSection<'path'>;

const ways: Readonly<Record<Path['path'], string>> = {
  virtio: 'vNIC (virtio-net, vhost-net)',
  outsourced: 'sockets of the host; the idle process of the guest learns of the request',
  'outsourced-interrupt': 'sockets of the host; a virtual interrupt tells the guest',
  process: 'server on the host',
};

export function PathSection({ methods }: { methods: readonly Method[] }) {
  return (
    <section>
      <h2>Path of a request</h2>
      <p>
        Time-stamps in the kernels of the host and of the RT guest divide the way of each request,
        from the wire to the server and back.
      </p>
      <PathChart methods={methods} />
      <SegmentSpreadChart methods={methods} />
      <FollowedTable methods={methods} />
      {methods.map((method) => (
        <details key={method.id} class="steps">
          <summary>{method.title}: steps of each segment</summary>
          <StepTable method={method} />
        </details>
      ))}
      <ProbeCostTable methods={methods} />
    </section>
  );
}

function FollowedTable({ methods }: { methods: readonly Method[] }) {
  return (
    <Table
      class="prose"
      caption="Which requests the figures are of. A request is followed if it was seen at every point of its way."
    >
      <thead>
        <tr>
          <th scope="col">method</th>
          <th scope="col">way</th>
          <th scope="col">followed</th>
          <th scope="col">not followed, and others</th>
          <ColumnHead label="response" unit="mean, µs" class="number" />
          <ColumnHead label="VM exits" unit="per request" class="number" />
          <ColumnHead label="time-stamps" unit="per request" class="number" />
        </tr>
      </thead>
      <tbody>
        {methods.map(({ id, title, section }) => (
          <tr key={id}>
            <th scope="row">{title}</th>
            <td class="wrap">{ways[section.path]}</td>
            <td>
              {formatCount(section.followed)} of {formatCount(section.response.n)}
            </td>
            <td class="wrap">{remarks(section).join('; ') || '–'}</td>
            <td class="number">
              <SpreadMean spread={section.response} />
            </td>
            <td class="number">{formatOneDecimal(section.exitsPerRequest)}</td>
            <td class="number">{formatOneDecimal(section.recordsPerRequest)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** What the figures leave out, or take from elsewhere. */
function remarks({ notFollowed, withoutInterrupt, lost, dropped }: Path): string[] {
  return [
    ...notFollowed.map(({ point, requests }) => `${formatCount(requests)} not seen at “${point}”`),
    ...(withoutInterrupt === 0
      ? []
      : [
          `${formatCount(withoutInterrupt)} without an interrupt of their own, because a poll was due already`,
        ]),
    ...(lost === 0 ? [] : [`${formatCount(lost)} not answered`]),
    ...(dropped === 0 ? [] : [`no room for ${formatQuantity(dropped, 'time-stamp')}`]),
  ];
}

function StepTable({ method: { title, section } }: { method: Method }) {
  return (
    <Table
      class="tree"
      caption={`${title}: time of each segment and of its steps, in microseconds. The means of the segments add up to ${formatUs(section.sumOfSegments)} µs.`}
    >
      <thead>
        <tr>
          <th scope="col">segment and step</th>
          <ColumnHead label="mean" unit="µs" />
          <ColumnHead label="SD" unit="µs" />
          <ColumnHead label="p99" unit="µs" />
        </tr>
      </thead>
      {section.segments.map(({ segment, time, steps }) => (
        <tbody key={segment}>
          <tr class="sum">
            <th scope="row">{segment}</th>
            <SpreadCells spread={time} />
          </tr>
          {steps.map(({ step, time: stepTime }) => (
            <tr key={step}>
              <th scope="row">{step}</th>
              <SpreadCells spread={stepTime} />
            </tr>
          ))}
        </tbody>
      ))}
    </Table>
  );
}

function SpreadCells({ spread }: { spread: Spread }) {
  return (
    <>
      <td>
        <SpreadMean spread={spread} />
      </td>
      <td>{formatUs(spread.sd)}</td>
      <td>{isResolved(0.99, spread.n) ? formatUs(spread.p99) : '–'}</td>
    </>
  );
}

function SpreadMean({ spread: { mean, ci95 } }: { spread: Spread }) {
  return (
    <>
      {formatUs(mean)}
      {ci95 !== null && <span class="interval">{formatInterval(ci95, formatUs)}</span>}
    </>
  );
}
