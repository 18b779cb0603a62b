import type { Random } from '../random.ts';
import { principalRows, type Table } from './projection.ts';

const buckets = 1024;

/**
 * Features of texts: words and pairs of words hashed into 1,024 buckets, weighted by TF-IDF, rows at unit length, then the
 * strongest directions over all texts (latent semantic analysis). An empty text gives a row of zeros.
 */
export function encodeTexts(texts: readonly string[], width: number, random: Random): Float32Array {
  const counted = texts.map((text) => countTerms(text));
  const documents = new Float64Array(buckets);
  for (const counts of counted) for (const bucket of counts.keys()) documents[bucket]! += 1;
  const table: Table = { rows: texts.length, width: buckets, values: new Float64Array(texts.length * buckets) };
  counted.forEach((counts, row) => {
    let squares = 0;
    for (const [bucket, count] of counts) {
      const value = (1 + Math.log(count)) * Math.log((1 + texts.length) / (1 + documents[bucket]!));
      table.values[row * buckets + bucket] = value;
      squares += value * value;
    }
    if (squares > 0) for (const bucket of counts.keys()) table.values[row * buckets + bucket]! /= Math.sqrt(squares);
  });
  return principalRows(table, width, random, 3);
}

function countTerms(text: string): Map<number, number> {
  const words = text.toLowerCase().match(/[a-z]{3,}/g) ?? [];
  const counts = new Map<number, number>();
  const add = (term: string): void => {
    const bucket = hashTerm(term) % buckets;
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  };
  words.forEach((word, at) => {
    add(word);
    if (at > 0) add(`${words[at - 1]} ${word}`);
  });
  return counts;
}

function hashTerm(term: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < term.length; i++) hash = Math.imul(hash ^ term.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
