/** A plain table of many rows on its way to a file: columns with keys, rows that come in portions, and facts about the whole. */

/** A number with its unit as it is kept, a moment in milliseconds UTC, or words. Undefined where there is nothing. */
export type SheetValue = number | string | undefined;

export interface SheetColumn {
  /** Stable; the header. */
  readonly key: string;
  /** time: numbers are moments. A setting may hold numbers in some rows and words in others. */
  readonly kind: 'number' | 'text' | 'time' | 'any';
  /** Empty or absent where there is none. */
  readonly unit?: string;
}

export interface Sheet {
  readonly name: string;
  readonly columns: readonly SheetColumn[];
  /** Rows in their order, each with a value for every column. Asked for once; others get their turn between portions. */
  readonly portions: AsyncIterable<readonly (readonly SheetValue[])[]>;
  readonly facts: readonly (readonly [name: string, text: string])[];
}
