import type { Result } from '../../../src/results/schema.ts';

export function RepeatSection({ result }: { result: Result }) {
  return (
    <section>
      <h2>How to repeat this</h2>
      <pre>
        <code>{result.command}</code>
      </pre>
      {result.clock.kind === 'instructions' && (
        <p>With the same images, this gives the same result on any machine, byte for byte.</p>
      )}
    </section>
  );
}
