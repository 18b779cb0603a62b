import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Compiler messages for `code` as if it stood in a file of the layer whose tsconfig.json lies in `layer`. */
function compile(layer: string, code: string): readonly string[] {
  const folder = join(root, layer);
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile) as { config: object };
  const parsed = ts.parseJsonConfigFileContent({ ...config, references: [] }, ts.sys, folder);
  const probe = join(folder, 'probe.ts');
  const options: ts.CompilerOptions = { ...parsed.options, composite: false, noEmit: true, emitDeclarationOnly: false };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => path === probe || fileExists(path);
  host.readFile = (path) => (path === probe ? code : readFile(path));
  host.getSourceFile = (path, languageVersion, ...rest) =>
    path === probe ? ts.createSourceFile(path, code, languageVersion, true) : getSourceFile(path, languageVersion, ...rest);
  const declarations = parsed.fileNames.filter((path) => path.endsWith('.d.ts'));
  const program = ts.createProgram([probe, ...declarations], options, host);
  const source = program.getSourceFile(probe);
  return ts
    .getPreEmitDiagnostics(program, source)
    .filter(({ file }) => file === source)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const noNode = ['preload/contract', 'main/engine', 'main/models', 'main/stats', 'renderer'];
const noPage = [
  'preload/contract',
  'main/engine',
  'main/engine/devices',
  'main/data',
  'main/models',
  'main/training',
  'main/logs',
  'main/worker',
  'main/store',
  'main/stats',
  'main/export',
  'main/studio',
  'main/server',
  'main/desktop',
  'main/cli',
];

describe('each layer sees its own runtime only', () => {
  it.each(noNode)('%s has no Node', (layer) => {
    expect(compile(layer, `import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n`).join()).toMatch(/node:fs/);
    expect(compile(layer, 'export const x: string | undefined = process.env.HOME;\n').join()).toMatch(/process/);
  });

  it.each(noPage)('%s has no document', (layer) => {
    expect(compile(layer, 'export const x = document.title;\n').join()).toMatch(/document/);
  });

  it.each(['preload/contract', 'main/engine', 'main/models', 'main/stats'])('%s has no console', (layer) => {
    expect(compile(layer, `console.log('x');\nexport {};\n`).join()).toMatch(/console/);
  });

  it.each(['main/data', 'main/worker', 'main/studio'])('%s has no array methods newer than ES2022', (layer) => {
    expect(compile(layer, 'export const x = [1].toSorted();\n').join()).toMatch(/toSorted/);
  });

  it.each(['main/training', 'main/studio', 'renderer'])('%s refuses syntax that cannot be erased', (layer) => {
    expect(compile(layer, 'export enum E { A }\n').join()).toMatch(/erasableSyntaxOnly/);
  });

  it.each(['main/studio', 'main/worker', 'main/server', 'renderer'])('%s has no electron', (layer) => {
    expect(compile(layer, `import { app } from 'electron';\nexport const x = app.name;\n`).join()).toMatch(/no exported member 'app'/);
  });

  it('compiles what a layer does have', () => {
    expect(compile('main/studio', `import { readFileSync } from 'node:fs';\nexport const x = readFileSync('a').length;\n`)).toEqual([]);
    expect(compile('renderer', 'export const x: string = document.title;\n')).toEqual([]);
    expect(compile('main/desktop', `import { app } from 'electron';\nexport const x: string = app.name;\n`)).toEqual([]);
    expect(compile('main/engine', 'export const x = new Float32Array(2).at(0);\n')).toEqual([]);
  });
});
