/**
 * Splits whose published results are known (protocol.md 3 and 3.1), by split hash: a dataset's name decides nothing. With each the
 * family that `published-numbers.csv` names in its `split` column, and how wide the features are that those results were made with.
 */
export interface KnownSplit {
  readonly dataset: string;
  readonly family: string;
  /** What the family's numbers are of, in words. */
  readonly words: string;
  /** Columns of the original feature files (protocol.md 1.1). Files of another width hold something else. */
  readonly widths: Readonly<Record<string, number>>;
}

const amazon = { image: 4096, text: 384 };
const lattice = 'lattice/mmssl-split';
const mmrec = 'mmrec-random-8:1:1';
const mmrecWords = 'the split that MMRec publishes, drawn per user, about 8:1:1';

const known: Readonly<Record<string, KnownSplit>> = {
  ce6fb74455eeb278e71cb1167d01a2d3026e94146c52436aa80eaa214649a8df: { dataset: 'baby', family: mmrec, words: mmrecWords, widths: amazon },
  '66f4562da905d5a376c7348d93c11c0abcb79a010ca01889f917eabbfc136570': {
    dataset: 'sports',
    family: mmrec,
    words: mmrecWords,
    widths: amazon,
  },
  '69163ed44aae4a6ec6c95ce5699d7b9a51edc3dd2ecf5aba0d6d03fe9f7d66cf': {
    dataset: 'clothing',
    family: mmrec,
    words: mmrecWords,
    widths: amazon,
  },
  '63963b3a96889886d40072123d34260230a4e383d1cb183136b71d5b2e80c1f2': {
    dataset: 'baby',
    family: lattice,
    words: 'the split of LATTICE and MMSSL, other than MMRec’s of the same interactions',
    widths: amazon,
  },
  '7bcd4c4ece045804d4280688dc79c2860ba3af0301c835f8c694a5051d9cadc8': {
    dataset: 'tiktok',
    family: lattice,
    words: 'the split of LATTICE, MMSSL and DiffMM; another code base exchanges its validation and test rows',
    widths: { image: 128, audio: 128 },
  },
  '2b10c06f6beae0d4c1117a6d929fba825be7f60520fce393f6ff49ea4c20eceb': {
    dataset: 'tiktok',
    family: `${lattice}, validation and test exchanged`,
    words: 'the split of LATTICE, MMSSL and DiffMM with validation and test rows exchanged',
    widths: { image: 128, audio: 128 },
  },
};

export function knownSplit(splitHash: string): KnownSplit | undefined {
  return known[splitHash];
}

/** Modalities whose files are not those that published results were made with, in words; empty where all are. */
export function standIns(split: KnownSplit, modalities: readonly { readonly name: string; readonly width: number }[]): string[] {
  return modalities.flatMap(({ name, width }) => {
    const original = split.widths[name];
    return original === undefined || original === width ? [] : [`${name} ${width} wide instead of ${original}`];
  });
}

/** What is known about how a source trained or chose (protocol.md 3.1), where it differs from the rules here. */
const remarks: readonly (readonly [pattern: RegExp, remark: string])[] = [
  [/DiffMM/i, 'its loop picks the epoch by test Recall'],
  [/DA-MRS/i, 'its logs have batches of 4096 and at most 500 epochs'],
];

export function sourceRemark(source: string): string | undefined {
  return remarks.find(([pattern]) => pattern.test(source))?.[1];
}
