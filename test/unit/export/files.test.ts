import { strFromU8, unzipSync } from 'fflate';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
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

describe('Parquet', () => {
  it('has a row for every model, dataset and metric, typed, and its facts in the metadata', async () => {
    const { buffer } = await formats.parquet.write(table, options('parquet'));
    const rows = await parquetReadObjects({ file: buffer });
    expect(rows).toHaveLength(12);
    expect(rows[0]).toEqual({
      ...{ model: 'lightgcn', title: 'LightGCN', settings: '', inferred: false, dataset: 'demo', split: 'd41f09c2' },
      ...{ part: 'validation', metric: 'recall@20', mean: 0.1088123456789012, sd: 0.00101, n: 3, mark: null, missing: null },
    });
    expect(rows[10]).toMatchObject({ model: 'egra', dataset: 'odd', metric: 'recall@20', mean: null, missing: 'diverged' });
    const facts = new Map(parquetMetadata(buffer).key_value_metadata!.map(({ key, value }) => [key, value]));
    expect(facts.get('avocet.part')).toBe('validation');
    expect(JSON.parse(facts.get('avocet.splits')!)).toEqual({ demo: 'd41f09c2', odd: '7bcd4c4e' });
    expect(facts.get('avocet.caption')).toBe(table.caption);
  });
});
