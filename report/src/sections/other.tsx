import type { MethodResult } from '../../../src/results/schema.ts';

/** Instruments that the page has tables and figures for. */
const drawn = ['wire', 'throughput', 'cpu', 'path', 'inversions', 'caches'];

/** Sections of other instruments, as they are in the result. */
export function OtherSections({ methods }: { methods: readonly MethodResult[] }) {
  const all = methods.flatMap(({ id, title, sections }) =>
    Object.entries(sections).map(([instrument, section]) => ({ id, title, instrument, section })),
  );
  const others = all.filter(({ instrument }) => !drawn.includes(instrument));
  return (
    <>
      {[...new Set(others.map(({ instrument }) => instrument))].map((name) => (
        <section key={name}>
          <h2>{name}</h2>
          {others
            .filter(({ instrument }) => instrument === name)
            .map(({ id, title, section }) => (
              <details key={id}>
                <summary>{title}</summary>
                <pre>{JSON.stringify(section, null, 2)}</pre>
              </details>
            ))}
        </section>
      ))}
    </>
  );
}
