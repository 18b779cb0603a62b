import { describe, expect, it } from 'vitest';
import ts from 'typescript';
import type { OwnSource } from '#contract/own-model.ts';
import type { Problem } from '#contract/problem.ts';
import { declarations } from '#studio/own-models/declarations.ts';
import { starterCard, starterModel, starterSettings } from '#studio/own-models/starter.ts';
import { checkOwnModel } from '#worker/own/check.ts';
import { loadOwnModel } from '#worker/own/load.ts';
import { attributed } from '#worker/own/source-place.ts';
import { surface } from '#worker/own/surface.ts';

const id = 'my-model';
const starter = { 'card.ts': starterCard(id), 'model.ts': starterModel(id) };

function folder(files: Readonly<Record<string, string>>): OwnSource {
  return { id, hash: 'of the test', files: Object.entries(files).map(([name, text]) => ({ name, text })) };
}

/** The starter with a part of it changed; the part must be there. */
function changed(file: keyof typeof starter, from: string, to: string, more: readonly [string, string] = ['', '']): OwnSource {
  expect(starter[file]).toContain(from);
  return folder({ ...starter, [file]: starter[file].replace(from, to).replace(...more) });
}

const lineOf = (file: keyof typeof starter, words: string) => starter[file].slice(0, starter[file].indexOf(words)).split('\n').length;

async function problemOf(own: OwnSource, slopes = false): Promise<Problem> {
  try {
    await checkOwnModel(own, { slopes });
  } catch (error) {
    return (error as { problem: Problem }).problem;
  }
  throw new Error('nothing was found wrong');
}

describe('a model folder of the person’s own', () => {
  it('as the starter writes it: builds, trains, and its gradients are its slopes', async () => {
    const check = await checkOwnModel(folder(starter), { slopes: true });
    expect(check).toMatchObject({ card: { id, title: 'My Model' }, parameters: 203, remarks: [] });
    expect(check.losses).toHaveLength(3);
    expect(check.losses.every((loss) => loss > 0 && loss < 1)).toBe(true);
    expect(check.slopes!.map(({ parameter, shape, isEqual }) => [parameter, shape, isEqual])).toEqual([
      ['nodes', [25, 8], true],
      ['layer weights', [1, 3], true],
    ]);
    for (const { gradient, slope } of check.slopes!) expect(Math.abs(slope - gradient)).toBeLessThan(0.02 * gradient);
  });

  it('is given the knowledge graph that it says it needs', async () => {
    const text = '    const { users, items } = dataset;\n';
    const reads = changed(
      'model.ts',
      text,
      `${text}    if (dataset.knowledge!.relations[0] !== 'brand') throw new Error('not the triples');\n`,
    );
    expect(await problemOf(reads)).toMatchObject({ code: 'own.threw' });
    const [card, model] = reads.files as [OwnSource['files'][number], OwnSource['files'][number]];
    const needs = { ...card, text: card.text.replace('  needs: [],', '  needs: [],\n  needsKnowledge: true,') };
    expect((await checkOwnModel({ ...reads, files: [needs, model] }, { slopes: false })).remarks).toEqual([]);
  });

  it('finds a loss whose gradient misses a part: what was read back has none', async () => {
    const own = changed(
      'model.ts',
      'return { total: add(bpr, mul(reg, this.#regWeight)), terms: { bpr, reg } };',
      'return { total: mul(bpr, 1 + bpr.dataSync()[0]!), terms: { bpr, reg } };',
    );
    const { slopes } = await checkOwnModel(own, { slopes: true });
    expect(slopes!.some(({ isEqual }) => !isEqual)).toBe(true);
  });

  it('may be spread over files, in folders too', async () => {
    const own = changed(
      'model.ts',
      "import { card } from './card.ts';",
      "import { card } from './card.ts';\nimport { one } from './parts/one';\nvoid one;",
    );
    const more = {
      ...own,
      files: [
        ...own.files,
        { name: 'parts/one.ts', text: "import { two } from '../two.ts';\nexport const one: number = two - 1;\n" },
        { name: 'two.ts', text: 'export const two = 2 as number;\n' },
      ],
    };
    expect((await checkOwnModel(more, { slopes: false })).parameters).toBe(203);
  });

  it.each<[string, OwnSource, string, string, RegExp]>([
    ['no card', folder({ 'model.ts': starter['model.ts'] }), 'own.no-file', 'my-model/card.ts', /no card\.ts/],
    ['no model', folder({ 'card.ts': starter['card.ts'] }), 'own.no-file', 'my-model/model.ts', /no model\.ts/],
    [
      'a slip of the pen',
      changed('model.ts', 'return { rows: [', 'return { rows: [['),
      'own.syntax',
      `my-model/model.ts:${lineOf('model.ts', 'return { rows')}`,
      /not TypeScript/,
    ],
    [
      'another id',
      changed('card.ts', "id: 'my-model'", "id: 'other'"),
      'own.card',
      `my-model/card.ts:${lineOf('card.ts', "id: '")}`,
      /id is "other", the folder is named "my-model"/,
    ],
    [
      'a default out of range',
      changed('card.ts', 'default: 1e-4', 'default: 7'),
      'own.card',
      `my-model/card.ts:${lineOf('card.ts', 'reg_weight')}`,
      /hyper\.reg_weight\.default must be at least 0 and at most 1, found 7/,
    ],
    ['a field that is missing', changed('card.ts', 'summary:', 'sumary:'), 'own.card', 'my-model/card.ts:1', /summary is missing/],
    [
      'a field of another type',
      changed('card.ts', '  needs: []', "  needs: 'image'"),
      'own.card',
      `my-model/card.ts:${lineOf('card.ts', '  needs:')}`,
      /needs is wrong/,
    ],
    [
      'a preset of nothing',
      changed('card.ts', 'ablations: []', "ablations: [{ id: 'x', title: 'X', values: { layers: 1 } }]"),
      'own.card',
      `my-model/card.ts:${lineOf('card.ts', 'ablations')}`,
      /layers is not a setting \(preset x\)/,
    ],
    [
      'a stage of nobody',
      changed('card.ts', 'stages: []', "stages: [{ id: 'pre', model: 'nobody', gives: 'vectors' }]"),
      'own.card',
      `my-model/card.ts:${lineOf('card.ts', 'stages')}`,
      /"nobody", which is no model of the studio/,
    ],
    [
      'an import of Node',
      changed('model.ts', 'import { card }', "import { readFileSync } from 'node:fs';\nvoid readFileSync;\nimport { card }"),
      'own.import',
      `my-model/model.ts:${lineOf('model.ts', 'import { card }')}`,
      /"node:fs" cannot be imported/,
    ],
    [
      'a line that throws',
      changed('model.ts', 'const { number } = settings(hyper);', "const { number } = settings(hyper);\n    number('layers');"),
      'own.threw',
      `my-model/model.ts:${lineOf('model.ts', 'const { number }') + 1}`,
      /create\(\) failed: setting layers/,
    ],
    [
      'no definition',
      changed('model.ts', 'export const model', 'const model'),
      'own.no-definition',
      'my-model/model.ts',
      /exports no model/,
    ],
    [
      'a loss that is no number',
      changed('model.ts', 'mul(reg, this.#regWeight)', 'mul(reg, NaN)'),
      'own.loss',
      'my-model/model.ts',
      /loss of the first batch is NaN/,
    ],
    [
      'a loss of nothing',
      changed('model.ts', 'add(bpr, mul(reg, this.#regWeight))', 'stopGradient(add(bpr, reg))', [
        'import { add,',
        'import { stopGradient, add,',
      ]),
      'own.no-gradient',
      'my-model/model.ts',
      /depends on no parameter/,
    ],
    [
      'vectors of too few',
      changed('model.ts', 'splitNodes(this.#vectors(), this.#users)', 'splitNodes(this.#vectors(), this.#users - 1)'),
      'own.shape',
      'my-model/model.ts',
      /represent\(\)\.users is \[13, 8\]/,
    ],
  ])('says of %s what is wrong and where', async (_, own, code, where, message) => {
    const problem = await problemOf(own);
    expect(problem).toMatchObject({ kind: 'config', code, where });
    expect(problem.message).toMatch(message);
    expect(problem.fix).toBeTruthy();
  });

  it('is a definition like those of the studio, with a card that says nothing of where it lies', () => {
    const { card } = loadOwnModel(
      changed('card.ts', "title: 'My Model',", "title: 'My Model',\n  own: { folder: '/elsewhere', source: 'x' },"),
    );
    expect(card).toMatchObject({ id, hyper: { n_layers: { type: 'integer', default: 2 } } });
    expect(card.own).toBeUndefined();
  });

  it('may not take the name of a model of the studio', () => {
    const own = { ...folder({ 'card.ts': starterCard('bpr'), 'model.ts': starterModel('bpr') }), id: 'bpr' };
    expect(() => loadOwnModel(own)).toThrow('there is a model bpr already: BPR');
  });

  it('is blamed for what it throws in a run, others are not', () => {
    const own = folder(starter);
    const internal = { kind: 'internal' as const, code: 'internal', message: 'x is not a function', values: {} };
    expect(attributed(own, { ...internal, detail: 'TypeError: x is not a function\n    at loss (my-model/model.ts:58:12)' })).toMatchObject(
      {
        kind: 'config',
        where: 'my-model/model.ts:58',
      },
    );
    const other = { ...internal, detail: 'TypeError: x\n    at somewhere (main/training/trainer.ts:58:12)' };
    expect(attributed(own, other)).toBe(other);
  });
});

describe('what editors are told', () => {
  it('has the names that models can import, no more and no fewer', () => {
    const file = ts.createSourceFile('avocet.d.ts', declarations, ts.ScriptTarget.ES2022);
    const declared = Object.fromEntries(
      file.statements.filter(ts.isModuleDeclaration).map((module) => [
        (module.name as ts.StringLiteral).text,
        (module.body as ts.ModuleBlock).statements
          .filter((statement) => ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement))
          .map((statement) => statement.name!.text)
          .sort(),
      ]),
    );
    expect(declared).toEqual(Object.fromEntries(Object.entries(surface).map(([name, values]) => [name, Object.keys(values).sort()])));
  });

  it('fits the starter, strictly, and would refuse a slip', () => {
    const { options } = ts.convertCompilerOptionsFromJson(
      (JSON.parse(starterSettings) as { compilerOptions: object }).compilerOptions,
      '/',
    );
    const faults = (model: string) => {
      const files: Record<string, string> = { '/avocet.d.ts': declarations, '/m/card.ts': starter['card.ts'], '/m/model.ts': model };
      const host = ts.createCompilerHost(options);
      const { getSourceFile, fileExists, readFile } = host;
      host.fileExists = (name) => name in files || fileExists(name);
      host.directoryExists = () => true;
      host.readFile = (name) => files[name] ?? readFile(name);
      host.getSourceFile = (name, version) =>
        files[name] === undefined ? getSourceFile(name, version) : ts.createSourceFile(name, files[name], version);
      const program = ts.createProgram(Object.keys(files), options, host);
      return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    };
    expect(faults(starter['model.ts'])).toEqual([]);
    expect(faults(starter['model.ts'].replace("number('n_layers')", 'number(3)'))).toEqual([
      "Argument of type 'number' is not assignable to parameter of type 'string'.",
    ]);
  });
});
