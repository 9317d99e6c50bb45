import type { CompareResult } from '../../../src/results/schema.ts';
import { formatCount, formatQuantity } from '../format.ts';
import { mismatches } from '../mismatches.ts';
import { describeClock } from './clock.ts';

const rtServerWords = {
  vm: 'RT VM',
  host: 'RT server on the host',
  namespace: 'RT server in a network namespace',
} as const;

export function Heading({ result }: { result: CompareResult }) {
  const { environment, load, methods } = result;
  return (
    <header>
      <h1>Network latency of real&#8209;time VMs next to bulk traffic</h1>
      <p class="subtitle">{methods.map((method) => method.title).join(' · ')}</p>
      <p class="caption">
        Measured on the {describeClock(result.clock)}. Seeds {seedsOf(result).join(', ')};{' '}
        {formatQuantity(load.requests, 'request')} per seed;{' '}
        {formatQuantity(environment.hostCpus, 'host CPU')};{' '}
        {formatQuantity(environment.rtVms, rtServerWords[environment.rtServer])};{' '}
        {formatQuantity(environment.heavyVms, 'heavy VM')}.
      </p>
      <MismatchWarning result={result} />
    </header>
  );
}

function seedsOf({ methods }: CompareResult): string[] {
  const seeds = new Set(methods.flatMap((method) => method.runs.map((run) => run.seed)));
  return [...seeds].sort((a, b) => a - b).map(String);
}

function MismatchWarning({ result }: { result: CompareResult }) {
  const count = result.methods.flatMap((method) => mismatches(method.settings)).length;
  if (count === 0) return null;
  return (
    <p class="warning">
      {count === 1 ? '1 setting was' : `${formatCount(count)} settings were`} read back other than
      wanted: see <a href="#settings">Settings</a>.
    </p>
  );
}
