import { strFromU8, unzipSync } from 'fflate';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { tableFacts } from '#export/facts.ts';
import { formats } from '#export/formats.ts';
import { options, table } from '#test/fixtures/table.ts';

const hostile = { ...table, rows: [{ ...table.rows[0]!, differences: '=1+1' }, ...table.rows.slice(1)] };

describe('xlsx', () => {
  const parts = async (asked = options('xlsx')) => {
    const files = unzipSync(await formats.xlsx.write(hostile, asked));
    return (name: string) => strFromU8(files[name]!);
  };
  /** Cells of a sheet by their place: type, style and what stands in them. */
  const cells = (sheet: string) =>
    new Map(
      [...sheet.matchAll(/<c r="([A-Z]+\d+)"([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)].map(([, place, attributes, content = '']) => [
        place!,
        { type: /t="(\w+)"/.exec(attributes!)?.[1], style: /s="(\d+)"/.exec(attributes!)?.[1], content: content.replace(/<[^>]*>/g, '') },
      ]),
    );

  it('keeps numbers as numbers with all their digits, and words as words', async () => {
    const part = await parts();
    const sheet = cells(part('xl/worksheets/sheet1.xml'));
    expect(Number(sheet.get('C3')!.content)).toBe(0.1088123456789012);
    expect(sheet.get('C3')!.type ?? 'n').toBe('n');
    expect(Number(sheet.get('E3')!.content)).toBe(3);
    expect(sheet.get('B3')!.type).not.toBe('n');
    expect(part('xl/worksheets/sheet1.xml')).not.toContain('<f>');
    expect(part('xl/sharedStrings.xml')).toContain('=1+1');
  });

  it('sets the best bold and the second underlined, shows the decimals asked for, and freezes its header', async () => {
    const part = await parts({ ...options('xlsx'), decimals: 3 });
    const sheet = cells(part('xl/worksheets/sheet1.xml'));
    const styles = part('xl/styles.xml');
    const fonts = [...styles.matchAll(/<font>(.*?)<\/font>/gs)].map(([, font]) => font!);
    const formatsOfStyle = [...styles.split('<cellXfs')[1]!.matchAll(/<xf ([^>]*)/g)].map(([, attributes]) => attributes!);
    const font = (place: string) => {
      const style = formatsOfStyle[Number(sheet.get(place)!.style ?? 0)]!;
      return fonts[Number(/fontId="(\d+)"/.exec(style)?.[1] ?? 0)]!;
    };
    // Row 5 is EGRA, best in Recall of the first dataset; row 4 is MGCN, second.
    expect(font('C5')).toContain('<b/>');
    expect(font('C4')).toContain('<u');
    expect(font('C3')).not.toMatch(/<b\/>|<u/);
    expect(styles).toContain('formatCode="0.000"');
    expect(part('xl/worksheets/sheet1.xml')).toMatch(/<pane [^>]*state="frozen"/);
  });

  it('says what the values are on a sheet of facts', async () => {
    const part = await parts();
    for (const fact of ['full ranking, K 20', 'validation, selection open', '7bcd4c4e', 'our reading of its paper'])
      expect(part('xl/sharedStrings.xml')).toContain(fact);
  });
});

describe('tests in files', () => {
  const finding = {
    ...{ n: 800, difference: 0.0123, interval: [0.01, 0.0146] as [number, number], p: 1.2345678901234e-6, adjusted: 2.4691357802468e-6 },
    ...{ effect: 0.31, effectName: 'rank-biserial' as const, method: 'Wilcoxon, normal approximation', verdict: 'better' as const },
  };
  const cells = table.cells.map((row, at) => row.map((cell, column) => (at === 2 && column === 0 ? { ...cell, finding } : cell)));
  const stars = { options: {} as never, caption: '* better than MGCN: Holm over 3, adjusted p < 0.05.', blocked: [] };
  const starred = { ...table, cells, stars, made: { on: '2026-11-22', version: '0.1.0' } };

  it('are a star behind a number that stays one, a sheet of their own and a fact in a workbook', async () => {
    const files = unzipSync(await formats.xlsx.write(starred, options('xlsx')));
    const part = (name: string) => strFromU8(files[name]!);
    expect(part('xl/workbook.xml')).toMatch(/name="Table".*name="Tests".*name="Facts"/s);
    expect(part('xl/styles.xml')).toContain('0.0000&quot;*&quot;');
    expect(part('xl/worksheets/sheet1.xml')).toMatch(/<c r="C5"[^>]*><v>0\.13<\/v>/);
    expect(part('xl/worksheets/sheet2.xml')).toContain('<v>0.0000024691357802468</v>');
    for (const words of ['rank-biserial', 'adjusted p &lt; 0.05', '2026-11-22 by Avocet 0.1.0'])
      expect(part('xl/sharedStrings.xml')).toContain(words);
    const plain = unzipSync(await formats.xlsx.write(starred, { ...options('xlsx'), stars: false }));
    expect(strFromU8(plain['xl/workbook.xml']!)).not.toContain('Tests');
    expect(strFromU8(plain['xl/styles.xml']!)).not.toContain('*');
  });

  it('are typed columns and metadata in Parquet', async () => {
    const { buffer } = await formats.parquet.write(starred, options('parquet'));
    const rows = await parquetReadObjects({ file: buffer });
    expect(rows[8]).toMatchObject({ model: 'egra', adjusted_p: finding.adjusted, low: 0.01, pairs: 800, verdict: 'better' });
    expect(rows[0]).toMatchObject({ adjusted_p: null, verdict: null });
    const facts = new Map(parquetMetadata(buffer).key_value_metadata!.map(({ key, value }) => [key, value]));
    expect(JSON.parse(facts.get('avocet.stars')!)).toMatchObject({ caption: stars.caption });
    expect(facts.get('avocet.caption')).toBe(`${table.caption} ${stars.caption} Avocet 0.1.0, 2026-11-22.`);
  });
});

describe('Parquet', () => {
  it('has a row for every model, dataset and metric, typed, and its facts in the metadata', async () => {
    const { buffer } = await formats.parquet.write(table, options('parquet'));
    const rows = await parquetReadObjects({ file: buffer });
    expect(rows).toHaveLength(12);
    expect(rows[0]).toEqual({
      ...{ model: 'lightgcn', title: 'LightGCN', settings: '', inferred: false, source: null, dataset: 'demo', split: 'd41f09c2' },
      ...{
        part: 'validation',
        metric: 'recall@20',
        better: 'higher',
        mean: 0.1088123456789012,
        sd: 0.00101,
        n: 3,
        mark: null,
        missing: null,
      },
    });
    expect(rows[10]).toMatchObject({ model: 'egra', dataset: 'odd', metric: 'recall@20', mean: null, missing: 'diverged' });
    const facts = new Map(parquetMetadata(buffer).key_value_metadata!.map(({ key, value }) => [key, value]));
    expect(facts.get('avocet.part')).toBe('validation');
    expect(JSON.parse(facts.get('avocet.splits')!)).toEqual({ demo: 'd41f09c2', odd: '7bcd4c4e' });
    expect(facts.get('avocet.caption')).toBe(table.caption);
    const splitHash = 'd41f09c2'.repeat(8);
    const known = {
      ...table,
      protocols: ['validation-selected'],
      groups: table.groups.map((group) => ({ ...group, splitHash, protocolId: 'aabb' })),
    };
    const { buffer: again } = await formats.parquet.write(known, options('parquet'));
    const more = new Map(parquetMetadata(again).key_value_metadata!.map(({ key, value }) => [key, value]));
    expect(JSON.parse(more.get('avocet.fingerprints')!)).toMatchObject({ demo: { splitHash, protocolId: 'aabb' } });
    expect(tableFacts(known, options('xlsx'))).toContainEqual(['Protocol id of Demo', 'aabb']);
    expect(more.get('avocet.protocols')).toBe('["validation-selected"]');
  });
});
