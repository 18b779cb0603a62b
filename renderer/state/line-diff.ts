/** The difference of two texts line by line, as unified diffs show it. Pure. */
export interface DiffLine {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
  /** Line numbers from 1, where the line stands on that side. */
  readonly before?: number;
  readonly after?: number;
}

/** A run of lines that were left out between two changes. */
export interface DiffGap {
  readonly kind: 'gap';
  readonly lines: number;
}

/** Lines of both by a longest common subsequence; equal lines at both ends are not searched. */
export function lineDiff(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before[before.length - 1 - tail] === after[after.length - 1 - tail])
    tail++;
  const [rows, columns] = [before.length - head - tail, after.length - head - tail];
  // common[r][c]: the most lines that the rest from r and the rest from c share.
  const common = Array.from({ length: rows + 1 }, () => new Uint16Array(columns + 1));
  for (let r = rows - 1; r >= 0; r--)
    for (let c = columns - 1; c >= 0; c--)
      common[r]![c] = before[head + r] === after[head + c] ? common[r + 1]![c + 1]! + 1 : Math.max(common[r + 1]![c]!, common[r]![c + 1]!);
  const lines: DiffLine[] = [];
  const same = (at: number, to: number) => lines.push({ kind: 'same', text: before[at]!, before: at + 1, after: to + 1 });
  for (let at = 0; at < head; at++) same(at, at);
  let [r, c] = [0, 0];
  while (r < rows || c < columns) {
    if (r < rows && c < columns && before[head + r] === after[head + c]) same(head + r++, head + c++);
    else if (c >= columns || (r < rows && common[r + 1]![c]! >= common[r]![c + 1]!)) {
      lines.push({ kind: 'gone', text: before[head + r]!, before: head + r + 1 });
      r++;
    } else {
      lines.push({ kind: 'new', text: after[head + c]!, after: head + c + 1 });
      c++;
    }
  }
  for (let at = 0; at < tail; at++) same(before.length - tail + at, after.length - tail + at);
  return lines;
}

/** Changes with `around` equal lines before and after; what is left out is counted. */
export function folded(lines: readonly DiffLine[], around = 3): readonly (DiffLine | DiffGap)[] {
  const near = lines.map(() => false);
  for (const [at, line] of lines.entries())
    if (line.kind !== 'same')
      for (let place = Math.max(0, at - around); place <= Math.min(lines.length - 1, at + around); place++) near[place] = true;
  const shown: (DiffLine | DiffGap)[] = [];
  let left = 0;
  for (const [at, line] of lines.entries()) {
    if (!near[at]) left++;
    else {
      if (left > 0) shown.push({ kind: 'gap', lines: left });
      left = 0;
      shown.push(line);
    }
  }
  if (left > 0) shown.push({ kind: 'gap', lines: left });
  return shown;
}
