/**
 * A workbook of many rows, written part by part: the cells of ten thousand runs as objects, as packages take them, are a gigabyte and half a
 * minute in which nothing else is done. Office Open XML (ECMA-376), the least of it: one sheet of values with a frozen header, one of facts.
 */
import { Zip, ZipDeflate } from 'fflate';
import type { Sheet, SheetColumn, SheetValue } from './sheet.ts';

/** Styles by their place in cellXfs below. */
const style = { header: 1, time: 2, wrapped: 3 } as const;
const dayMs = 86_400_000;
/** 1970-01-01 in days of a spreadsheet. */
const epochDay = 25_569;
/** More does a cell not hold. */
const longestText = 32_767;
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** Numbers are numbers with all their digits, moments are dates (UTC), words are words, whatever they begin with. */
export async function sheetXlsx({ name, columns, portions, facts }: Sheet): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  const zip = new Zip((error, piece) => {
    if (error !== null) throw error;
    pieces.push(piece);
  });
  const utf8 = new TextEncoder();
  const part = (path: string) => {
    const file = new ZipDeflate(path, { level: 3 });
    zip.add(file);
    return (text: string, isLast = false) => file.push(utf8.encode(text), isLast);
  };
  for (const [path, text] of frame(name)) part(path)(head + text, true);
  const sheet = part('xl/worksheets/sheet1.xml');
  sheet(
    `${head}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols><col min="1" max="${columns.length}" width="16" customWidth="1"/></cols><sheetData>`,
  );
  const letters = columns.map((_, at) => lettersOf(at));
  sheet(
    row(
      1,
      columns.map(({ key }, at) => words(`${letters[at]!}1`, key, style.header)),
    ),
  );
  let line = 1;
  for await (const rows of portions) {
    const text = rows.map((values) => {
      line += 1;
      return row(
        line,
        values.map((value, at) => cell(`${letters[at]!}${line}`, value, columns[at]!)),
      );
    });
    sheet(text.join(''));
  }
  sheet('</sheetData></worksheet>', true);
  const about = part('xl/worksheets/sheet2.xml');
  about(
    `${head}<worksheet xmlns="${main}"><cols><col min="1" max="1" width="24" customWidth="1"/><col min="2" max="2" width="110" customWidth="1"/></cols><sheetData>`,
  );
  about(
    facts
      .map(([fact, text], at) => row(at + 1, [words(`A${at + 1}`, fact, style.header), words(`B${at + 1}`, text, style.wrapped)]))
      .join(''),
  );
  about('</sheetData></worksheet>', true);
  zip.end();
  return joined(pieces);
}

/** Nothing where there is nothing; readers know places by their names. */
function cell(place: string, value: SheetValue, { kind }: SheetColumn): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return words(place, value);
  if (kind === 'time') return `<c r="${place}" s="${style.time}"><v>${value / dayMs + epochDay}</v></c>`;
  // What is no number has no cell of numbers.
  return Number.isFinite(value) ? `<c r="${place}"><v>${value}</v></c>` : words(place, String(value));
}

const row = (line: number, cells: readonly string[]): string => `<row r="${line}">${cells.join('')}</row>`;

/** 0 to "A", 26 to "AA". */
function lettersOf(at: number): string {
  return (at < 26 ? '' : lettersOf(Math.floor(at / 26) - 1)) + String.fromCharCode(65 + (at % 26));
}

function words(place: string, text: string, styled?: number): string {
  const plain = escaped(text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text);
  return `<c r="${place}" t="inlineStr"${styled === undefined ? '' : ` s="${styled}"`}><is><t xml:space="preserve">${plain}</t></is></c>`;
}

const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML knows no control characters but tab and line ends, and no half of a surrogate pair. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"]/g, (sign) => signs[sign]!)
    .replace(
      /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g,
      '\uFFFD',
    );
}

function frame(name: string): readonly (readonly [path: string, text: string])[] {
  const type = (part: string) => `application/vnd.openxmlformats-officedocument.spreadsheetml.${part}+xml`;
  const overrides = [
    ['workbook', 'sheet.main'],
    ['styles', 'styles'],
    ['worksheets/sheet1', 'worksheet'],
    ['worksheets/sheet2', 'worksheet'],
  ].map(([part, kind]) => `<Override PartName="/xl/${part!}.xml" ContentType="${type(kind!)}"/>`);
  const relation = (id: number, kind: string, target: string) =>
    `<Relationship Id="rId${id}" Type="${relations}/${kind}" Target="${target}"/>`;
  const relationships = (all: string) =>
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all}</Relationships>`;
  return [
    [
      '[Content_Types].xml',
      `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`,
    ],
    ['_rels/.rels', relationships(relation(1, 'officeDocument', 'xl/workbook.xml'))],
    [
      'xl/workbook.xml',
      `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets><sheet name="${escaped(name)}" sheetId="1" r:id="rId1"/><sheet name="Facts" sheetId="2" r:id="rId2"/></sheets></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      relationships(
        relation(1, 'worksheet', 'worksheets/sheet1.xml') +
          relation(2, 'worksheet', 'worksheets/sheet2.xml') +
          relation(3, 'styles', 'styles.xml'),
      ),
    ],
    [
      'xl/styles.xml',
      `<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`,
    ],
  ];
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.byteLength;
  }
  return all;
}
