import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ProblemError } from '#contract/problem.ts';
import { crc32c } from '#logs/parts/crc32c.ts';
import { readRecords } from '#logs/parts/tfrecord.ts';
import { scalarOf } from '#logs/parts/tensor-proto.ts';
import { bytesField, doubleField, event, file, numberField, record, scalar, textField, varint } from './event-files.ts';
import { cleanUp, everything, place, runsIn } from './reading.ts';

const folder = place({});
afterAll(cleanUp);

describe('records', () => {
  it('has the checksums of RFC 3720, B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at))).toBe(0x46dd794e);
  });

  it('come back as they were written, and a file cut anywhere gives the whole ones and says where it ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), fc.nat(), async (data, at) => {
        const whole = data.map(record);
        const bytes = Buffer.concat(whole);
        const cut = bytes.length === 0 ? 0 : at % (bytes.length + 1);
        const path = join(folder, 'cut');
        writeFileSync(path, bytes.subarray(0, cut));
        const read: Uint8Array[] = [];
        const end = await readRecords(path, (one) => read.push(Uint8Array.from(one)));
        let fits = 0;
        let length = 0;
        while (fits < whole.length && length + whole[fits]!.length <= cut) length += whole[fits++]!.length;
        expect(read.map((one) => [...one])).toEqual(data.slice(0, fits).map((one) => [...one]));
        expect(end).toBe(cut === length ? undefined : length);
      }),
      { numRuns: 60 },
    );
  });

  it('with any bit changed are refused with file and byte, or end early', async () => {
    const data = [1, 2, 3].map((value) => record(new Uint8Array(20).fill(value)));
    const bytes = Buffer.concat(data);
    const path = join(folder, 'changed');
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const changed = Uint8Array.from(bytes);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        writeFileSync(path, changed);
        const starts: number[] = [];
        const failure = await readRecords(path, (_, at) => starts.push(at)).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(failure).toBeInstanceOf(ProblemError);
        const broken = Math.floor((bit >> 3) / data[0]!.length);
        expect((failure as ProblemError).problem.where).toBe(`${path}: byte ${broken * data[0]!.length}`);
        expect(starts).toHaveLength(broken);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a tensor of one number', () => {
  it.each([
    ['int32', 3, 7],
    ['int64', 9, 10],
  ])('of %s comes back as it was written, packed or not, below 0 and up to 2^53', (_, type, field) => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), fc.integer()), (value) => {
        const of = (content: readonly number[]) => scalarOf(Uint8Array.from([...numberField(1, type), ...content]));
        expect(of(bytesField(field, varint(value)))).toBe(value);
        expect(of(numberField(field, value))).toBe(value);
      }),
    );
  });

  it('may be true or false, or nothing at all', () => {
    expect(scalarOf(Uint8Array.from([...numberField(1, 10), ...bytesField(11, varint(1))]))).toBe(1);
    expect(scalarOf(Uint8Array.from([...numberField(1, 9), ...bytesField(10, [])]))).toBeUndefined();
  });
});

describe('TensorBoard', () => {
  it('reads both forms of scalars, several files of a run, settings and the end of it', async () => {
    const tensor = (tag: string, content: readonly number[], plugin?: readonly number[]) => [
      ...textField(1, tag),
      ...bytesField(8, content),
      ...(plugin === undefined ? [] : bytesField(9, plugin)),
    ];
    const scalars = bytesField(1, textField(1, 'scalars'));
    const setting = (key: string, value: readonly number[]) => bytesField(1, [...textField(1, key), ...bytesField(2, value)]);
    const session = bytesField(3, [
      ...setting('lr', doubleField(2, 0.01)),
      ...setting('name', textField(3, 'x')),
      ...setting('seed', doubleField(2, 5)),
    ]);
    const hparams = bytesField(1, [...textField(1, 'hparams'), ...bytesField(2, session)]);
    const root = place({
      'a/events.out.tfevents.100.host': file([
        event(0, 1000, [tensor('_hparams_/session_start_info', [], hparams)]),
        event(1, 1001, [
          scalar('valid/Recall@20', 0.5),
          tensor('loss', [...numberField(1, 1), ...bytesField(5, new Uint8Array(new Float32Array([2]).buffer))], scalars),
        ]),
        // The plugin is named with the first value alone.
        event(2, 1002, [
          scalar('valid/Recall@20', 0.75),
          tensor('loss', [...numberField(1, 2), ...bytesField(4, new Uint8Array(new Float64Array([1]).buffer))]),
        ]),
        event(2, 1002, [tensor('picture', [...numberField(1, 7)], bytesField(1, textField(1, 'images')))]),
      ]),
      // Taken up again at step 2: the later value counts.
      'a/events.out.tfevents.200.host': file([
        event(2, 2000, [scalar('valid/Recall@20', 0.25)]),
        event(3, 2001, [scalar('valid/Recall@20', 0.5)]),
      ]),
      'b/c/events.out.tfevents.1.host': file([event(7, 5, [scalar('hit@10', 1)])]),
    });
    const [first, second] = await runsIn(root);
    expect(first).toMatchObject({
      origin: { tool: 'tensorboard', name: 'a', source: join(root, 'a'), remarks: ['1 summaries that are no scalars were passed over'] },
      settings: { lr: 0.01, name: 'x', seed: 5 },
      seed: 5,
      startedAt: 1_000_000,
      endedAt: 2_001_000,
      steps: 3,
      bestStep: 1,
    });
    expect(first!.series.map(({ key, steps, values }) => [key, [...steps], [...values]])).toEqual([
      ['recall@20', [1, 2, 3], [0.5, 0.25, 0.5]],
      ['loss', [1, 2], [2, 1]],
    ]);
    expect(second).toMatchObject({ origin: { name: 'b/c' }, values: [{ part: 'log', key: 'hit@10', value: 1 }] });
  });

  it('keeps what came before a record that is cut short, and says so', async () => {
    const bytes = file([event(1, 1, [scalar('loss', 1)]), event(2, 2, [scalar('loss', 2)])]);
    const [run] = await runsIn(place({ 'r/events.out.tfevents.1.h': bytes.subarray(0, bytes.length - 3) }));
    expect([...run!.series[0]!.values]).toEqual([1]);
    expect(run!.origin.remarks[0]).toMatch(/^events\.out\.tfevents\.1\.h ends inside a record at byte \d+/);
  });

  it('leaves a damaged run out with its place and reads the others', async () => {
    const bytes = file([event(1, 1, [scalar('loss', 1)])]);
    const broken = Uint8Array.from(bytes);
    broken[bytes.length - 6]! ^= 1;
    const root = place({ 'bad/events.out.tfevents.1.h': broken, 'good/events.out.tfevents.1.h': bytes });
    const all = await everything(root);
    expect(all.flatMap((found) => (found.type === 'read' ? found.runs.map((run) => run.origin.name) : []))).toEqual(['good']);
    const [skipped] = all.flatMap((found) => (found.type === 'skipped' ? [found.problem] : []));
    expect(skipped).toMatchObject({
      code: 'logs.damaged',
      where: expect.stringMatching(/bad.events\.out\.tfevents\.1\.h: byte \d+$/) as string,
    });
    // The checksum is right and the message is none.
    const noEvent = await everything(place({ 'x/events.out.tfevents.1.h': record([0xff, 0xff]) }));
    expect(noEvent).toContainEqual(expect.objectContaining({ type: 'skipped' }));
  });

  it('never fails but with a problem, whatever stands in a record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 4 }), async (data) => {
        const all = await everything(place({ 'r/events.out.tfevents.1.h': Buffer.concat(data.map(record)) }));
        for (const found of all) if (found.type === 'skipped') expect(found.problem.code).toBe('logs.damaged');
      }),
      { numRuns: 60 },
    );
  });

  it('leaves out points that are no numbers or have no step, and counts them', async () => {
    const odd = [event(1, 1, [scalar('loss', Number.NaN)]), event(-1, 1, [scalar('loss', 1)]), event(3, 1, [scalar('loss', 3)])];
    const [run] = await runsIn(place({ 'r/events.out.tfevents.1.h': file(odd) }));
    expect([...run!.series[0]!.steps]).toEqual([3]);
    expect(run!.origin.remarks.join()).toMatch(/1 point is not a finite number.*1 point has a step below 0/);
  });

  it('knows a run by its content wherever its files lie', async () => {
    const bytes = file([event(1, 1, [scalar('loss', 1)])]);
    const [a] = await runsIn(place({ 'here/events.out.tfevents.1.h': bytes }));
    const [b] = await runsIn(place({ 'there/deep/events.out.tfevents.9.other': bytes }));
    const [c] = await runsIn(place({ 'here/events.out.tfevents.1.h': file([event(1, 1, [scalar('loss', 2)])]) }));
    expect(a!.origin.hash).toBe(b!.origin.hash);
    expect(a!.origin.hash).not.toBe(c!.origin.hash);
  });
});

it('says where nothing is there, and where nothing there is a log', async () => {
  await expect(everything(join(folder, 'nowhere'))).rejects.toMatchObject({ problem: { code: 'logs.missing' } });
  await expect(everything(place({ 'a.txt': new Uint8Array(3) }))).rejects.toMatchObject({ problem: { code: 'logs.unknown' } });
});
