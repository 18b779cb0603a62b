import { gunzipSync, constants } from 'node:zlib';
import { delimiters, type LogFormat } from '#contract/dataset-import.ts';
import { dataError } from '../issue-log.ts';
import { DelimitedParser } from './delimited.ts';

/** Bytes of a file looked at to find its format. */
export const sampleBytes = 262_144;

/** Format of a table from its first bytes. `isWhole` says the sample is the whole file. Throws `table.empty`, `table.binary`, `table.no-delimiter`. */
export function detectFormat(sample: Uint8Array, isWhole: boolean, file: string): LogFormat {
  const gzip = sample[0] === 0x1f && sample[1] === 0x8b;
  const bytes = gzip ? gunzipSample(sample, file) : sample;
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw dataError({ code: 'table.utf-16', message: 'The file is UTF-16.', where: file, fix: 'Save it as UTF-8.' });
  }
  if (bytes.subarray(0, 4096).includes(0))
    throw dataError({
      code: 'table.binary',
      message: 'The file is binary, not a table of text.',
      where: file,
      fix: 'Choose a CSV, TSV or JSON-lines file.',
    });
  const encoding = isUtf8(bytes) ? 'utf-8' : 'latin-1';
  const text = decoderFor(encoding)
    .decode(bytes, { stream: true })
    .replace(/^\uFEFF/, '');
  const lines = text.split('\n');
  if (lines.length > 1 && !(isWhole && !gzip)) lines.pop();
  const sampleLines = lines
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line.trim() !== '')
    .slice(0, 100);
  if (sampleLines.length === 0)
    throw dataError({
      code: 'table.empty',
      message: 'The file holds no text.',
      where: file,
      fix: 'Choose a file with one interaction per line.',
    });
  if (sampleLines[0]!.trimStart().startsWith('{'))
    return { kind: 'json-lines', delimiter: ',', header: true, quote: false, encoding, gzip };
  const delimiter = bestDelimiter(sampleLines);
  if (delimiter === undefined) {
    throw dataError({
      code: 'table.no-delimiter',
      message: 'No delimiter (tab, comma, semicolon, | or ::) splits the lines alike.',
      where: `${file}:1`,
      fix: 'Save the table as CSV or TSV.',
    });
  }
  const quote = quotesWork(sampleLines.join('\n'), delimiter, file);
  const rows = parsedRows(sampleLines.join('\n'), delimiter, quote, file);
  return { kind: 'delimited', delimiter, header: looksLikeHeader(rows), quote, encoding, gzip };
}

export function decoderFor(encoding: LogFormat['encoding']): InstanceType<typeof TextDecoder> {
  return encoding === 'utf-8' ? new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }) : new TextDecoder('latin1');
}

function gunzipSample(sample: Uint8Array, file: string): Uint8Array {
  try {
    return gunzipSync(sample, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 64 * 1024 * 1024 }).subarray(0, sampleBytes);
  } catch {
    throw dataError({
      code: 'table.gzip',
      message: 'The file is not readable gzip.',
      where: file,
      fix: 'Copy the file again, or unpack it first.',
    });
  }
}

/** True where `bytes` are UTF-8; a character cut off at the end does not count against it. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

// The delimiter that gives most lines the same number of columns, above one; ties go to more columns, then to the list's order.
function bestDelimiter(lines: readonly string[]): (typeof delimiters)[number] | undefined {
  let best: { delimiter: (typeof delimiters)[number]; share: number; columns: number } | undefined;
  for (const delimiter of delimiters) {
    const counts = new Map<number, number>();
    for (const line of lines) {
      const columns = withoutQuoted(line).split(delimiter).length;
      counts.set(columns, (counts.get(columns) ?? 0) + 1);
    }
    for (const [columns, count] of counts) {
      const share = count / lines.length;
      if (columns < 2 || share < 0.6) continue;
      if (best === undefined || share > best.share + 0.05 || (share > best.share - 0.05 && columns > best.columns))
        best = { delimiter, share, columns };
    }
  }
  return best?.delimiter;
}

function withoutQuoted(line: string): string {
  return line.includes('"') ? line.replace(/"(?:[^"]|"")*"/g, '') : line;
}

function quotesWork(text: string, delimiter: string, file: string): boolean {
  if (!text.includes('"')) return true;
  try {
    // The sample may end inside a quoted field, so only complete rows are judged.
    new DelimitedParser({ delimiter, quote: true, file }, () => undefined).push(text);
    return true;
  } catch {
    return false;
  }
}

function parsedRows(text: string, delimiter: string, quote: boolean, file: string): string[][] {
  const rows: string[][] = [];
  const parser = new DelimitedParser({ delimiter, quote, file }, (fields) => rows.push(fields));
  parser.push(`${text}\n`);
  return rows;
}

/** Names that only headers have. */
const headerWord =
  /^(user|item|rating|timestamp|time|date|label|x_label|asin|parent_asin|overall|reviewerid|unixreviewtime|movie|track|id|title|uid|iid|sid)([_-]?(id|time))?(:\w+)?$/i;

function looksLikeHeader(rows: readonly string[][]): boolean {
  const first = rows[0];
  if (first === undefined) return false;
  if (first.some((cell) => headerWord.test(cell.trim()))) return true;
  if (rows.length < 2 || first.some((cell) => isNumber(cell))) return false;
  const others = rows.slice(1);
  return first.some((_, column) => others.every((row) => isNumber(row[column] ?? '')));
}

function isNumber(cell: string): boolean {
  return cell.trim() !== '' && Number.isFinite(Number(cell));
}
