/*
 * Turns the English of a source file into look-ups: 'Saved' becomes t`Saved`, "{n} of {all}" in markup m`${n} of ${all}`. Without a
 * catalogue a look-up gives back the very same text, so source stays plain English and runs untranslated wherever this is not used.
 */
import { parse } from 'svelte/compiler';
import { parseAst } from 'vite';
import { markupMessages, type Phrase } from './markup.ts';
import { keyOf, messagesIn, type Found } from './scripts.ts';
import { below, child, children, word, type Node } from './tree.ts';

export interface Compiled {
  readonly code: string;
  /** Keys in the order of the source, each with the offset where it stands. */
  readonly messages: readonly { readonly key: string; readonly at: number }[];
}

type IsWord = (key: string) => boolean;

interface Edit {
  readonly start: number;
  readonly end: number;
  /** Replaces the source; what lies inside is compiled by itself and put in by `inner`. */
  readonly write: (inner: (node: Node) => string) => string;
}

const runtime = '#renderer/locales/language.svelte.ts';
const quoted = (text: string) => text.replace(/[`\\]|\$(?=\{)/g, String.raw`\$&`);

function templateOf(parts: readonly string[], values: readonly string[]): string {
  return `\`${parts.map((part, at) => (at === 0 ? quoted(part) : `\${${values[at - 1]}}${quoted(part)}`)).join('')}\``;
}

function editOf({ node, parts, values }: Found): Edit {
  return { start: node.start, end: node.end, write: (inner) => `_t${templateOf(parts, values.map(inner))}` };
}

/** Parts and values of a phrase, elements as `<0/>`. */
function spelled({ items }: Phrase): { readonly parts: readonly string[]; readonly values: readonly Node[] } {
  const parts = [''];
  const values: Node[] = [];
  let elements = 0;
  for (const item of items) {
    if (typeof item === 'object') {
      values.push(item);
      parts.push('');
    } else parts[parts.length - 1] += item === 'element' ? `<${elements++}/>` : item;
  }
  return { parts, values };
}

function phraseEdits(phrase: Phrase, hoist: (template: string) => string): readonly Edit[] {
  const { parts, values } = spelled(phrase);
  const isWhole = phrase.pieces.length === 1;
  return phrase.pieces.map(({ start, end }, at) => ({
    start,
    end,
    write: (inner) => {
      const template = templateOf(parts, values.map(inner));
      if (!isWhole) return `{_p${template}[${at}]}`;
      return values.length === 0 ? `{${hoist(`_m${template}`)}}` : `{_m${template}}`;
    },
  }));
}

/** The source with its edits, those inside others included. */
function written(source: string, edits: readonly Edit[], from = 0, to = source.length): string {
  const inside = edits.filter(({ start, end }) => start >= from && end <= to).sort((a, b) => a.start - b.start || b.end - a.end);
  let text = '';
  let at = from;
  for (const edit of inside) {
    if (edit.start < at) continue;
    const deeper = edits.filter((other) => other !== edit && !(other.start === edit.start && other.end === edit.end));
    text += source.slice(at, edit.start) + edit.write((node) => written(source, deeper, node.start, node.end));
    at = edit.end;
  }
  return text + source.slice(at, to);
}

const isFunction = (node: Node) => /^(ArrowFunctionExpression|Function(Expression|Declaration)|ClassBody)$/.test(node.type);

/** Does a node hold a message or the name of a table outside of functions, so that it is said once, when the module is loaded? */
function saysAtOnce(node: Node, found: readonly Found[], tables: ReadonlySet<string>): boolean {
  if (isFunction(node)) return false;
  if (found.some((message) => message.node === node) || (node.type === 'Identifier' && tables.has(word(node, 'name') ?? ''))) return true;
  return below(node).some(([, inner]) => saysAtOnce(inner, found, tables));
}

/** Names that a module imports from files of words. */
function importedTables(program: Node): Set<string> {
  const imports = children(program, 'body').filter((statement) => statement.type === 'ImportDeclaration');
  const ofWords = imports.filter((statement) =>
    /locales\/|-words\.ts$|contract\/(?:runs-fields|shortcuts)\.ts$/.test(word(child(statement, 'source'), 'value') ?? ''),
  );
  return new Set(ofWords.flatMap((statement) => children(statement, 'specifiers').map((name) => word(child(name, 'local'), 'name') ?? '')));
}

const isTable = (node: Node): boolean => {
  const inner = /^TS\w+Expression$/.test(node.type) ? child(node, 'expression') : undefined;
  if (inner !== undefined) return isTable(inner);
  if (node.type === 'CallExpression') {
    // A list made of another one; other calls may begin something that must begin once.
    const callee = child(node, 'callee');
    const name = word(callee === undefined ? undefined : child(callee, 'property'), 'name') ?? '';
    return (
      callee?.type === 'MemberExpression' && /^(map|flatMap|filter|slice|concat|sort|entries|fromEntries|keys|values|join)$/.test(name)
    );
  }
  if (node.type === 'NewExpression') return /^(Map|Set)$/.test(word(child(node, 'callee'), 'name') ?? '');
  return /^(Literal|TemplateLiteral|TaggedTemplateExpression|ObjectExpression|ArrayExpression|ConditionalExpression)$/.test(node.type);
};

/** Tables of words at the top of a module are made again when the language changes: `let words; _again(() => { words = … })`. */
function tableEdits(source: string, program: Node, found: readonly Found[]): readonly Edit[] {
  const tables = importedTables(program);
  return children(program, 'body').flatMap((statement): readonly Edit[] => {
    const declaration = statement.type === 'ExportNamedDeclaration' ? child(statement, 'declaration') : statement;
    if (declaration?.type !== 'VariableDeclaration') return [];
    const [only, ...others] = children(declaration, 'declarations');
    const init = only === undefined ? undefined : child(only, 'init');
    const id = only === undefined ? undefined : child(only, 'id');
    if (init === undefined || id?.type !== 'Identifier' || others.length > 0 || !isTable(init) || !saysAtOnce(init, found, tables))
      return [];
    const name = word(id, 'name') ?? '';
    tables.add(name);
    const type = child(id, 'typeAnnotation');
    const typed = type === undefined ? '' : source.slice(type.start, type.end);
    return [
      {
        start: declaration.start,
        end: declaration.end,
        write: (inner) => `let ${name}${typed}; _again(() => { ${name} = ${inner(init)}; });`,
      },
    ];
  });
}

const names = 't as _t, m as _m, pieces as _p, again as _again';
const importLine = `import { ${names} } from '${runtime}';`;

/** Compiles a module. `isWordFile`: it holds tables and functions of words alone, so that short ones count too. */
export function compileScript(source: string, isWordFile: boolean, isWord: IsWord): Compiled {
  const program = parseAst(source, { lang: 'ts' }) as unknown as Node;
  const found = messagesIn(program, { isWordFile, isWord });
  const messages = found.map(({ node, parts }) => ({ key: keyOf(parts), at: node.start }));
  const own = found.filter(({ isTagged }) => !isTagged);
  const edits = [...own.map(editOf), ...tableEdits(source, program, found)];
  return { code: edits.length === 0 ? source : `${importLine}${written(source, edits)}`, messages };
}

/** Compiles a component: its scripts and its markup. Words of the markup without values are looked up once for each component. */
export function compileComponent(source: string, isWord: IsWord): Compiled {
  const root = parse(source, { modern: true }) as unknown as Node;
  const scripts = [child(root, 'module'), child(root, 'instance')].flatMap((script) => {
    const program = script === undefined ? undefined : child(script, 'content');
    return program === undefined ? [] : [{ program, found: messagesIn(program, { isWordFile: false, isWord }) }];
  });
  const said = markupMessages(child(root, 'fragment') as Node, source, isWord);
  const markup = { ...said, phrases: said.phrases.filter((phrase) => isWord(keyOf(spelled(phrase).parts))) };
  const found = [...scripts.flatMap((script) => script.found), ...markup.found];
  const hoisted: string[] = [];
  const hoist = (template: string) => {
    if (!hoisted.includes(template)) hoisted.push(template);
    return `_w${hoisted.indexOf(template)}`;
  };
  const module = child(root, 'module');
  const moduleProgram = module === undefined ? undefined : child(module, 'content');
  const edits: Edit[] = [
    ...found.filter(({ isTagged }) => !isTagged).map(editOf),
    ...markup.phrases.flatMap((phrase) => phraseEdits(phrase, hoist)),
    ...(moduleProgram === undefined ? [] : tableEdits(source, moduleProgram, found)),
  ];
  const messages = [
    ...found.map(({ node, parts }) => ({ key: keyOf(parts), at: node.start })),
    ...markup.phrases.map((phrase) => ({ key: keyOf(spelled(phrase).parts), at: phrase.pieces[0]?.start ?? 0 })),
  ].sort((a, b) => a.at - b.at);
  if (edits.length === 0) return { code: source, messages };
  return { code: withRuntime(source, root, edits, hoisted), messages };
}

function withRuntime(source: string, root: Node, edits: readonly Edit[], hoisted: readonly string[]): string {
  const place = (script: Node | undefined) => child(script ?? root, 'content');
  const module = child(root, 'module');
  const instance = child(root, 'instance');
  const code = written(source, edits);
  // The words are known once everything is written; they go in by the same means, at places that no other edit touches.
  const words = hoisted.map((template, at) => `const _w${at} = ${template};`).join('');
  const first = place(module) ?? place(instance);
  const last = place(instance);
  const inserts: Edit[] = [];
  if (first !== undefined) inserts.push({ start: first.start, end: first.start, write: () => importLine });
  if (last !== undefined) inserts.push({ start: last.end, end: last.end, write: () => words });
  const lead = last === undefined ? `<script lang="ts">${first === undefined ? importLine : ''}${words}</script>` : '';
  return lead + (inserts.length === 0 ? code : written(source, [...edits, ...inserts]));
}
