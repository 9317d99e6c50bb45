import type { MethodResult, Result } from '../../../src/results/schema.ts';
import { formatCount } from '../format.ts';
import { udpEchoOptions } from '../workload.ts';
import { Table } from './table.tsx';

export function EnvironmentSection({ result }: { result: Result }) {
  const { environment, workload, methods } = result;
  const facts: [string, string][] = [
    ['Evenkeel', environment.evenkeel],
    ['host memory', `${formatCount(environment.hostMemoryMiB)} MiB`],
    ['memory of a VM', `${formatCount(environment.guestMemoryMiB)} MiB`],
    ...workloadFacts(workload),
    ...Object.entries(environment.versions),
  ];
  return (
    <section>
      <h2>Environment</h2>
      <FactTable caption="What took part." facts={facts} />
      <FactTable
        caption="SHA-256 of the images that took part."
        facts={Object.entries(environment.hashes)}
      />
      <details>
        <summary>Artifacts of every run, with their SHA-256</summary>
        <FactTable
          caption="Artifacts; the paths are relative to the result file."
          facts={artifactFacts(methods)}
        />
      </details>
    </section>
  );
}

function workloadFacts(workload: Result['workload']): [string, string][] {
  const udpEcho = udpEchoOptions(workload);
  if (udpEcho === undefined) {
    return Object.entries(workload).map(([name, value]) => [
      name === 'name' ? 'workload' : `workload: ${name}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
  }
  const { minIntervalUs, maxIntervalUs, requestBytes } = udpEcho;
  return [
    ['workload', workload.name],
    [
      'interval of the requests',
      `${formatCount(minIntervalUs)} to ${formatCount(maxIntervalUs)} µs`,
    ],
    ['UDP payload of a request', `${formatCount(requestBytes)} bytes`],
  ];
}

function artifactFacts(methods: readonly MethodResult[]): [string, string][] {
  return methods
    .flatMap((method) => method.runs.flatMap((run) => run.artifacts))
    .map(({ path, sha256 }) => [path, sha256]);
}

interface FactTableProps {
  caption: string;
  facts: readonly (readonly [string, string])[];
}

function FactTable({ caption, facts }: FactTableProps) {
  return (
    <Table class="prose" caption={caption}>
      <tbody>
        {facts.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <code>{value}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
