interface ColumnHeadProps {
  label: string;
  unit: string;
  class?: string;
}

export function ColumnHead({ label, unit, class: className = '' }: ColumnHeadProps) {
  return (
    <th scope="col" class={className}>
      {label} <span class="unit">{unit}</span>
    </th>
  );
}
