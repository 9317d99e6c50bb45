import type { CachesSection } from '../../../src/instruments/caches/schema.ts';
import type { Figure } from '../../../src/statistics/figure.ts';
import { formatInterval, formatOneDecimal, formatPercent, formatTwoDecimals } from '../format.ts';
import { ColumnHead } from './column-head.tsx';
import { Table } from './table.tsx';

export type NamedWork = CachesSection['all'] & { readonly name: string };

interface Column {
  readonly label: string;
  readonly unit: string;
  /** Undefined without Heavy Receivers, for what is counted for each of their bytes. */
  readonly of: (work: NamedWork) => Figure | undefined;
  readonly format: (value: number) => string;
}

const millions = (value: number) => formatTwoDecimals(value / 1e6);

const useColumns: readonly Column[] = [
  {
    ...{ label: 'instructions', unit: 'million/s', format: millions },
    of: ({ use }) => use.instructionsPerSecond,
  },
  {
    ...{ label: 'references', unit: 'million/s', format: millions },
    of: ({ use }) => use.referencesPerSecond,
  },
  {
    ...{ label: 'misses', unit: 'million/s', format: millions },
    of: ({ use }) => use.missesPerSecond,
  },
  { ...{ label: 'miss ratio', unit: '%', format: formatPercent }, of: ({ use }) => use.missRatio },
];

const byteColumns: readonly Column[] = [
  {
    ...{ label: 'instructions', unit: 'per byte', format: formatTwoDecimals },
    of: ({ perHeavyByte }) => perHeavyByte?.instructions,
  },
  {
    ...{ label: 'loaded', unit: 'bytes per byte', format: formatTwoDecimals },
    of: ({ perHeavyByte }) => perHeavyByte?.bytesLoaded,
  },
  {
    ...{ label: 'stored', unit: 'bytes per byte', format: formatTwoDecimals },
    of: ({ perHeavyByte }) => perHeavyByte?.bytesStored,
  },
  {
    ...{ label: 'misses', unit: 'per KiB', format: (misses) => formatOneDecimal(misses * 1024) },
    of: ({ perHeavyByte }) => perHeavyByte?.misses,
  },
];

interface CacheTableProps {
  caption: string;
  methods: readonly { id: string; title: string; rows: readonly NamedWork[] }[];
}

export function CacheTable({ caption, methods }: CacheTableProps) {
  const hasBytes = methods.some(({ rows }) => rows.some((work) => work.perHeavyByte !== null));
  const columns = hasBytes ? [...useColumns, ...byteColumns] : useColumns;
  return (
    <Table class="caches" caption={caption}>
      <thead>
        <tr>
          <th rowSpan={2} scope="col">
            method
          </th>
          <th rowSpan={2} scope="col" class="words">
            work
          </th>
          <th colSpan={useColumns.length} scope="colgroup">
            last-level cache
          </th>
          {hasBytes && (
            <th colSpan={byteColumns.length} scope="colgroup">
              for what the Heavy Receivers receive
            </th>
          )}
        </tr>
        <tr>
          {columns.map(({ label, unit }) => (
            <ColumnHead key={`${label} ${unit}`} label={label} unit={unit} />
          ))}
        </tr>
      </thead>
      {methods.map(({ id, title, rows }) => (
        <tbody key={id}>
          {rows.map((work, index) => (
            <tr key={work.name} data-caches={`${id}.${work.name}`}>
              {index === 0 && (
                <th scope="rowgroup" rowSpan={rows.length}>
                  {title}
                </th>
              )}
              <th scope="row" class="plain">
                {work.name}
              </th>
              {columns.map(({ label, unit, of, format }) => (
                <td key={`${label} ${unit}`}>
                  <FigureText figure={of(work)} format={format} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      ))}
    </Table>
  );
}

interface FigureTextProps {
  figure: Figure | undefined;
  format: Column['format'];
}

function FigureText({ figure, format }: FigureTextProps) {
  if (figure === undefined) return <>–</>;
  return (
    <>
      {format(figure.value)}
      {figure.ci95 !== null && <span class="interval">{formatInterval(figure.ci95, format)}</span>}
    </>
  );
}
