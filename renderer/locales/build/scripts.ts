/*
 * Which strings of a script a person reads, told from where they stand: no type is asked, so that a build needs no compiler run.
 * What is taken wrongly does no harm in English (a look-up gives back its own text) and is listed in as-is.ts.
 */
import { below, child, children, word, type Node } from './tree.ts';

/** A string or template with words: `parts` lie between the expressions `values`. */
export interface Found {
  readonly node: Node;
  readonly parts: readonly string[];
  readonly values: readonly Node[];
  /** Is it a tag of ours already, so that only the key is taken? */
  readonly isTagged: boolean;
}

const saidUnder =
  /^(label|title|text|hint|lead|description|definition|placeholder|heading|caption|summary|note|reason|unit|short|aria-label|alt|empty|detail)$/;
const neverUnder =
  /^(value|key|id|kind|type|icon|field|column|class|style|href|src|role|mode|state|status|device|method|format|event|signal|align|position|fontFamily|fontWeight|color|fill|stroke|formatter|transform|path|d|accept|autocomplete|rel|target|for|name|part|theme|density|model|dataset|metric|to|part|side|at|better|params|query|filter|sort|code|screen|shortcut|keys|combo|xmlns)$/;
/** In a file of words only these are surely none. */
const neverAmongWords = /^(key|id|kind|icon|better|type|value|class|part)$/;
const notSaidIn =
  /^(call|follow|attempt|addEventListener|removeEventListener|dispatchEvent|CustomEvent|querySelector|querySelectorAll|closest|matches|matchMedia|getItem|setItem|setAttribute|getAttribute|removeAttribute|createElement|createElementNS|getPropertyValue|setProperty|startsWith|endsWith|includes|indexOf|lastIndexOf|split|replace|replaceAll|localeCompare|RegExp|Error|TypeError|has|get|delete|picklist|literal|NumberFormat|DateTimeFormat|toLocaleString|href|warn|error|info|log|test|match)$/;
const keyboard =
  /^(Enter|Escape|Esc|Tab|Home|End|Delete|Backspace|Space|Insert|Shift|Control|Ctrl|Alt|Meta|Arrow\w+|Page(Up|Down)|Key[A-Z]|Digit\d|Slash|Comma|Period)$/;
const styleLike = /\bvar\(|\bcalc\(|\bminmax\(|\btranslate|\brotate\(|\dpx\b|[{}]|;$|:\s?\S+;|^px$|^M\d|^\.[a-z]|\[[a-z-]+[\]=^]|<\/?[a-z]/;
const nodesOfTypes = /^TS(?!AsExpression|SatisfiesExpression|NonNullExpression)/;

/** Do these words, with `{0}` where values stand, read as words a person sees? */
export function readsAsWords(text: string): boolean {
  const plain = text.replace(/\{\d+\}/g, ' ').trim();
  if (!/\p{L}{2}/u.test(plain) || styleLike.test(plain)) return false;
  if (/\p{L}[,:;.)’”…]*\s+\S*\p{L}/u.test(plain) || /\{\d+\}[^{]*\s\p{L}{2}|\p{L}{2,}[.:,)]*\s+[^}]*\{\d+\}/u.test(text)) return true;
  return /^\p{Lu}\p{Ll}+[.:…?]?$/u.test(plain) && !keyboard.test(plain);
}

/** Words, or the sign with its space between two values, `{0}: {1}`, which Chinese writes otherwise. */
export const isSaidBetween = (part: string, at: number): boolean => /\p{L}/u.test(part) || (at > 0 && /^ ?[:;,] $/.test(part));

const hasWord = (parts: readonly string[]) => parts.some((part, at) => isSaidBetween(part, at));

/** "{0} of {1} runs" of what lies between the values. */
export function keyOf(parts: readonly string[]): string {
  return parts.map((part, at) => (at === 0 ? part : `{${at - 1}}${part}`)).join('');
}

function partsOf(node: Node): Pick<Found, 'parts' | 'values'> | undefined {
  if (node.type === 'BinaryExpression' && word(node, 'operator') === '+') return joined(node);
  if (node.type === 'Literal' && typeof node['value'] === 'string') return { parts: [node['value']], values: [] };
  if (node.type !== 'TemplateLiteral') return undefined;
  const parts = children(node, 'quasis').map((quasi) => String((quasi['value'] as { cooked: string }).cooked));
  return { parts, values: children(node, 'expressions') };
}

/** A sentence that is written as several strings, `'a ' + 'b'`, is one. */
function joined(node: Node): Pick<Found, 'parts' | 'values'> | undefined {
  const [left, right] = [child(node, 'left'), child(node, 'right')].map((side) => (side === undefined ? undefined : partsOf(side)));
  if (left === undefined || right === undefined) return undefined;
  const [first = '', ...rest] = right.parts;
  return {
    parts: [...left.parts.slice(0, -1), `${left.parts[left.parts.length - 1]}${first}`, ...rest],
    values: [...left.values, ...right.values],
  };
}

/** What the place of a string says about it: surely words, surely none, or look at the text itself. */
type Place = 'words' | 'none' | 'open';

const calleeName = (node: Node) => {
  const callee = child(node, 'callee');
  return callee?.type === 'MemberExpression' ? word(child(callee, 'property'), 'name') : word(callee, 'name');
};

/** The place of a node below another, from the place of that other one. `isWordFile`: tables and functions of words alone. */
function placeBelow(parent: Node, field: string, place: Place, isWordFile: boolean, said: RegExp): Place {
  switch (parent.type) {
    case 'ConditionalExpression':
      return field === 'test' ? 'none' : place;
    case 'LogicalExpression':
      return field === 'right' || word(parent, 'operator') === '??' ? place : 'none';
    case 'BinaryExpression':
      return word(parent, 'operator') === '+' ? place : 'none';
    case 'SwitchCase':
      return field === 'test' ? 'none' : 'open';
    case 'TemplateLiteral':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'ChainExpression':
    case 'ParenthesizedExpression':
    case 'ExpressionTag':
      return place;
    case 'ArrayExpression':
      return place;
    case 'ObjectExpression':
      return place;
    case 'SpreadElement':
      return place;
    case 'Property': {
      if (field === 'key') return 'none';
      const key = word(child(parent, 'key'), 'name') ?? word(child(parent, 'key'), 'value') ?? '';
      if (said.test(key)) return 'words';
      if (isWordFile ? neverAmongWords.test(key) : neverUnder.test(key)) return isWordFile ? 'open' : 'none';
      return isWordFile ? 'words' : place === 'words' ? 'open' : place;
    }
    case 'MemberExpression':
      return field === 'object' ? 'open' : 'none';
    case 'CallExpression':
    case 'NewExpression': {
      const name = calleeName(parent) ?? '';
      return field === 'arguments' && notSaidIn.test(name) ? 'none' : 'open';
    }
    case 'ArrowFunctionExpression':
      return field === 'body' ? (isWordFile ? 'words' : place === 'none' ? 'open' : place) : 'open';
    case 'ReturnStatement':
    case 'VariableDeclarator':
      return isWordFile ? 'words' : 'open';
    default:
      return 'open';
  }
}

/** A constant called so holds words alone: `tileWords`, `labels`. */
const isWordTable = (node: Node) =>
  node.type === 'VariableDeclarator' && /(?:words|labels|titles)$/i.test(word(child(node, 'id'), 'name') ?? '');

/** The words a node can stand for: a string, or either of two. */
function literals(node: Node | undefined): readonly string[] {
  if (node?.type === 'ConditionalExpression') return [...literals(child(node, 'consequent')), ...literals(child(node, 'alternate'))];
  return node?.type === 'Literal' && typeof node['value'] === 'string' ? [node['value']] : [];
}

/** Every message below a node, outer before inner ones. `place` is what the markup around an expression says of it. */
export function messagesIn(
  root: Node,
  options: {
    readonly isWordFile: boolean;
    readonly place?: Place;
    readonly isWord: (key: string) => boolean;
    /** Properties whose text is surely read; those of the page unless given. */
    readonly said?: RegExp;
    /** False: nothing else is. */
    readonly isFree?: boolean;
  },
): readonly Found[] {
  const found: Found[] = [];
  const visit = (node: Node, place: Place, isAmongWords: boolean): void => {
    if (nodesOfTypes.test(node.type) || /^(Import|ExportAll)/.test(node.type)) return;
    if (node.type === 'ExpressionStatement' && 'directive' in node && typeof node['directive'] === 'string') return;
    if (node.type === 'TaggedTemplateExpression') {
      const quasi = child(node, 'quasi');
      const own = quasi === undefined ? undefined : partsOf(quasi);
      if (word(child(node, 'tag'), 'name') === 't' && own !== undefined) found.push({ node, ...own, isTagged: true });
      for (const value of own?.values ?? []) visit(value, 'open', isAmongWords);
      return;
    }
    const own = partsOf(node);
    if (own !== undefined) {
      const isSaid =
        place !== 'none' &&
        (place === 'words'
          ? hasWord(own.parts) && !styleLike.test(own.parts.join(' '))
          : options.isFree !== false && readsAsWords(keyOf(own.parts)));
      const isKept = isSaid && options.isWord(keyOf(own.parts));
      if (isKept) found.push({ node, ...own, isTagged: false });
      // A value inside words is said with them; elsewhere it is judged by itself.
      for (const value of own.values) visit(value, isSaid ? 'words' : 'open', isAmongWords);
      return;
    }
    if (node.type === 'CallExpression' && calleeName(node) === 'counted') {
      const [value, one, many] = children(node, 'arguments');
      const plurals = many === undefined ? literals(one).map((word) => `${word}s`) : literals(many);
      for (const plural of plurals) found.push({ node, parts: ['', ` ${plural}`], values: [], isTagged: true });
      if (value !== undefined) visit(value, 'open', isAmongWords);
      return;
    }
    const isTable = isAmongWords || isWordTable(node);
    for (const [field, inner] of below(node)) visit(inner, placeBelow(node, field, place, isTable, options.said ?? saidUnder), isTable);
  };
  visit(root, options.place ?? 'open', options.isWordFile);
  return found;
}
