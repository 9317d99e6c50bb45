import type { Result } from '../../../src/results/schema.ts';
import { formatCount, formatQuantity } from '../format.ts';
import { mismatches } from '../mismatches.ts';
import { udpEchoOptions } from '../workload.ts';
import { describeClock } from './clock.ts';

/** A place that this page does not know is named as the result names it. */
const rtServerWords: Readonly<Record<string, string>> = {
  vm: 'RT VM',
  host: 'RT server on the host',
  namespace: 'RT server in a network namespace',
};

export function Heading({ result }: { result: Result }) {
  const { environment, methods } = result;
  const { rtServer, rtVms, heavyVms, hostCpus } = environment;
  const requests = udpEchoOptions(result.workload)?.requests;
  return (
    <header>
      <h1>Network latency of real&#8209;time VMs next to bulk traffic</h1>
      <p class="subtitle">{methods.map((method) => method.title).join(' · ')}</p>
      <p class="caption">
        Measured on the {describeClock(result.clock)}. Seeds {seedsOf(result).join(', ')};{' '}
        {requests !== undefined && `${formatQuantity(requests, 'request')} per seed; `}
        {formatQuantity(hostCpus, 'host CPU')};{' '}
        {formatQuantity(rtVms, rtServerWords[rtServer] ?? `RT server (${rtServer})`)};{' '}
        {formatQuantity(heavyVms, 'heavy VM')}.
      </p>
      <MismatchWarning result={result} />
    </header>
  );
}

function seedsOf({ methods }: Result): string[] {
  const seeds = new Set(methods.flatMap((method) => method.runs.map((run) => run.seed)));
  return [...seeds].sort((a, b) => a - b).map(String);
}

function MismatchWarning({ result }: { result: Result }) {
  const count = result.methods.flatMap((method) => mismatches(method.settings)).length;
  if (count === 0) return null;
  return (
    <p class="warning">
      {count === 1 ? '1 setting was' : `${formatCount(count)} settings were`} read back other than
      wanted: see <a href="#settings">Settings</a>.
    </p>
  );
}
