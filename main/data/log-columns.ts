import type { ColumnMapping, LogPreset } from '#contract/dataset-import.ts';

interface Preset {
  readonly id: LogPreset;
  /** True where the columns (or the missing header and file name) are those of this source. */
  readonly fits: (columns: readonly string[], file: string) => boolean;
  readonly mapping: (columns: readonly string[]) => ColumnMapping;
}

const has = (columns: readonly string[], ...names: string[]): boolean => names.every((name) => columns.includes(name));
const isNumbered = (columns: readonly string[]): boolean => columns[0] === 'column 1';

const presets: readonly Preset[] = [
  {
    id: 'amazon-2014',
    fits: (columns) => has(columns, 'reviewerID', 'asin'),
    mapping: (columns) => ({
      user: 'reviewerID',
      item: 'asin',
      ...(has(columns, 'overall') ? { rating: 'overall' } : {}),
      ...(has(columns, 'unixReviewTime') ? { timestamp: 'unixReviewTime' } : {}),
    }),
  },
  {
    id: 'amazon',
    fits: (columns) => has(columns, 'user_id', 'parent_asin'),
    mapping: (columns) => ({
      user: 'user_id',
      item: 'parent_asin',
      ...(has(columns, 'rating') ? { rating: 'rating' } : {}),
      ...(has(columns, 'timestamp') ? { timestamp: 'timestamp' } : {}),
    }),
  },
  {
    id: 'movielens',
    fits: (columns, file) =>
      has(columns, 'userId', 'movieId') || (isNumbered(columns) && /^ratings\.dat/i.test(file) && columns.length === 4),
    mapping: (columns) =>
      isNumbered(columns)
        ? { user: 'column 1', item: 'column 2', rating: 'column 3', timestamp: 'column 4' }
        : {
            user: 'userId',
            item: 'movieId',
            ...(has(columns, 'rating') ? { rating: 'rating' } : {}),
            ...(has(columns, 'timestamp') ? { timestamp: 'timestamp' } : {}),
          },
  },
  {
    id: 'movielens-100k',
    fits: (columns, file) => isNumbered(columns) && columns.length === 4 && /^u\d?[a-z]?\.(data|base|test)$/i.test(file),
    mapping: () => ({ user: 'column 1', item: 'column 2', rating: 'column 3', timestamp: 'column 4' }),
  },
  {
    id: 'recbole',
    fits: (columns) => columns.length > 1 && columns.every((column) => /:(token|float|token_seq|float_seq)$/.test(column)),
    mapping: (columns) => guessColumns(columns.map(untyped), columns),
  },
  {
    id: 'elliot',
    fits: (columns) => isNumbered(columns) && (columns.length === 3 || columns.length === 4),
    mapping: (columns) => ({
      user: 'column 1',
      item: 'column 2',
      rating: 'column 3',
      ...(columns.length === 4 ? { timestamp: 'column 4' } : {}),
    }),
  },
];

// What numbers a thing: the end of "Customer Nr", "article_no" or "memberID".
const key = String.raw`[ _-]?(id|nr|no|num|number|key|code)?\.?`;

const names = {
  user: [
    /^user(_?id)?$/i,
    /^uid$/i,
    /^reviewer_?id$/i,
    new RegExp(`^(customer|client|member|visitor|buyer|account|person|listener|reader|viewer)${key}$`, 'i'),
    /^(user|用户)/i,
  ],
  item: [
    /^item(_?id)?$/i,
    /^(parent_)?asin$/i,
    /^iid$/i,
    new RegExp(`^(movie|track|product|article|book|video|song|sku|recipe|news)${key}$`, 'i'),
    /^(item|商品|物品)/i,
  ],
  timestamp: [
    /^(unix_?)?time_?(stamp)?$/i,
    /^unixReviewTime$/i,
    /^((unix_?)?ts|date_?time|date|时间|日期)$/i,
    /^(created|purchased|ordered|bought|clicked|viewed|rated|reviewed)[ _-]?(at|on)$/i,
    /^(order|purchase|review|rating|event|click|visit)[ _-]?(date|ts)$/i,
    /_time$/i,
  ],
  rating: [/^rating$/i, /^overall$/i, /^stars?$/i, /^score$/i, /^评分$/],
  label: [/^x_label$/i, /^split$/i],
} as const;

function untyped(column: string): string {
  return column.replace(/:(token|float|token_seq|float_seq)$/, '');
}

/** Columns by their usual names. `original` are the names to return, in the same order. User and item fall back to the first columns that mean nothing else. */
function guessColumns(columns: readonly string[], original: readonly string[] = columns): ColumnMapping {
  const taken = new Set<number>();
  const find = (patterns: readonly RegExp[]): string | undefined => {
    for (const pattern of patterns) {
      const at = columns.findIndex((column, index) => !taken.has(index) && pattern.test(column));
      if (at < 0) continue;
      taken.add(at);
      return original[at]!;
    }
    return undefined;
  };
  const next = (): string => {
    const at = columns.findIndex((_, index) => !taken.has(index));
    taken.add(at);
    return original[at] ?? '';
  };
  const [user, item, timestamp, rating, label] = [
    find(names.user),
    find(names.item),
    find(names.timestamp),
    find(names.rating),
    find(names.label),
  ];
  return {
    user: user ?? next(),
    item: item ?? next(),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(rating === undefined ? {} : { rating }),
    ...(label === undefined ? {} : { label }),
  };
}

/** What the columns of a log mean: a known source, or the usual names. */
export function mapColumns(columns: readonly string[], file: string): { mapping: ColumnMapping; preset?: LogPreset } {
  const preset = presets.find(({ fits }) => fits(columns, file));
  return preset === undefined ? { mapping: guessColumns(columns) } : { mapping: preset.mapping(columns), preset: preset.id };
}
