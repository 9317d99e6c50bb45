interface LegendProps {
  entries: readonly { label: string; color: string }[];
}

/** A swatch and a name for each colour of a figure. */
export function Legend({ entries }: LegendProps) {
  return (
    <ul class="legend">
      {entries.map(({ label, color }) => (
        <li key={label}>
          <span class="swatch" style={{ background: color }} />
          {label}
        </li>
      ))}
    </ul>
  );
}
