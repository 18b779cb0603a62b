/** Colouring and change marks of exported source. Pure; enough for reading, not a parser. */
export interface Piece {
  readonly kind: 'plain' | 'command' | 'number' | 'comment';
  readonly text: string;
}

/** Parts of a line: LaTeX commands and comments, numbers in every format. */
export function pieces(line: string, format: string): readonly Piece[] {
  if (format === 'latex' && line.startsWith('%')) return [{ kind: 'comment', text: line }];
  const pattern = format === 'latex' ? /(\\[A-Za-z]+)|(\d*\.\d+)/g : /(\*\*|<\/?u>)|(\d*\.\d+)/g;
  const result: Piece[] = [];
  let from = 0;
  for (const match of line.matchAll(pattern)) {
    if (match.index > from) result.push({ kind: 'plain', text: line.slice(from, match.index) });
    result.push({ kind: match[1] === undefined ? 'number' : 'command', text: match[0] });
    from = match.index + match[0].length;
  }
  if (from < line.length) result.push({ kind: 'plain', text: line.slice(from) });
  return result;
}

/** Indices of lines that were not there before; nothing where the text is new altogether. */
export function changedLines(before: readonly string[], after: readonly string[]): ReadonlySet<number> {
  const known = new Set(before);
  const changed = after.flatMap((line, at) => (known.has(line) ? [] : [at]));
  return new Set(before.length === 0 || changed.length > after.length / 2 ? [] : changed);
}
