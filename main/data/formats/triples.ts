import { basename } from 'node:path';
import { readWhole, type FileRecord, type ReadOptions } from '../file-stream.ts';
import { dataError } from '../issue-log.ts';
import { knowledgeOf, type Knowledge, type NamedTriple, type NodeName } from '../knowledge.ts';

/** A graph of this size fits into the memory of a run; larger ones are another tool's work. */
const largestFile = 1024 * 1024 * 1024;

/**
 * NAME.kg: head, relation and tail on a line, separated by tabs, with an optional first line that names the columns ("head_id:token …", as
 * RecBole writes it). A whole number below the number of items is that item, as are raw ids that the folder maps; any other word is an
 * entity.
 * @throws ProblemError knowledge.columns, knowledge.empty, with the line
 */
export async function readTriples(
  path: string,
  { items, byRaw }: { readonly items: number; readonly byRaw: ReadonlyMap<string, number> },
  options: ReadOptions,
): Promise<{ readonly knowledge: Knowledge; readonly record: FileRecord }> {
  const { bytes, record } = await readWhole(path, largestFile, options);
  const file = basename(path);
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  const node = (word: string): NodeName => {
    const id = byRaw.get(word) ?? (/^\d+$/.test(word) ? Number(word) : items);
    return id < items ? id : word;
  };
  const triples: NamedTriple[] = [];
  lines.forEach((line, at) => {
    if (line.trim() === '' || (at === 0 && /head/i.test(line) && /tail/i.test(line))) return;
    const cells = line.split('\t').map((cell) => cell.trim());
    if (cells.length !== 3 || cells.includes('')) {
      throw dataError({
        code: 'knowledge.columns',
        message: `A line of the knowledge graph has ${cells.filter((cell) => cell !== '').length} words, not three.`,
        where: `${file}:${at + 1}`,
        fix: 'Write head, relation and tail with tabs between them.',
      });
    }
    const [head, relation, tail] = cells as [string, string, string];
    triples.push({ head: node(head), relation, tail: node(tail) });
  });
  const knowledge = knowledgeOf(triples, items, 'file');
  if (knowledge === undefined)
    throw dataError({
      code: 'knowledge.empty',
      message: 'The knowledge graph has no triple.',
      where: file,
      fix: 'Fill it, or remove the file.',
    });
  return { knowledge, record };
}
