/*
 * The words of a component's markup. Text and the expressions in it are one message; what stands between two pieces of text
 * (an element, a component, a block) is a place in it, `<0/>`, that keeps its order: "A folder with <0/> and <1/>, in TypeScript."
 */
import { isSaidBetween, messagesIn, readsAsWords, type Found } from './scripts.ts';
import { below, child, children, word, type Node } from './tree.ts';

/** A piece of a message in the markup: the source from `start` to `end` becomes one expression. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

/** A message of the markup. `items` are text, expressions and the places of elements, in order. */
export interface Phrase {
  readonly items: readonly (string | Node | 'element')[];
  readonly pieces: readonly Piece[];
}

const saidAttributes =
  /^(aria-(label|description|roledescription|valuetext|placeholder)|label|title|text|hint|placeholder|alt|description|lead|heading|caption|summary|note|unit|suffix|prefix|empty|confirm|action|what|about|reason|detail|message|legend|question|done|more|definition)$/;
const neverAttributes =
  /^(class|name|style|id|href|src|type|kind|icon|role|for|rel|target|value|d|viewBox|transform|points|fill|stroke|metric|part|align|side|size|autocomplete|inputmode|spellcheck|accept|method|keys|lang|translate|tabindex|data-.*|xmlns|stroke-.*|text-anchor|aria-(live|controls|describedby|labelledby|haspopup|current|hidden|expanded|pressed|selected|sort|owns|activedescendant|autocomplete|orientation))$/;
const notSaidInside = new Set(['code', 'pre', 'style', 'script', 'kbd']);

export interface MarkupFound {
  readonly phrases: readonly Phrase[];
  readonly found: readonly Found[];
}

const text = (node: Node) => word(node, 'data') ?? '';
const isBlank = (node: Node) => node.type === 'Text' && text(node).trim() === '';
/** `{' '}`: a space that survives the end of a line. */
const isSpace = (node: Node) => node.type === 'ExpressionTag' && child(node, 'expression')?.['value'] === ' ';
const isSaid = (node: Node) => node.type === 'Text' || node.type === 'ExpressionTag';
const isNothing = (node: Node) => /^(Comment|ConstTag|DebugTag|SnippetBlock)$/.test(node.type);

/** Messages of one list of siblings. */
function phrasesOf(nodes: readonly Node[]): readonly Phrase[] {
  const found: Phrase[] = [];
  let run: Node[] = [];
  const close = () => {
    const phrase = phraseOf(run);
    if (phrase !== undefined) found.push(phrase);
    run = [];
  };
  for (const node of nodes) {
    if (isNothing(node)) close();
    else run.push(node);
  }
  close();
  return found;
}

function phraseOf(nodes: readonly Node[]): Phrase | undefined {
  const isEmpty = (node: Node) => !isSaid(node) || isBlank(node) || isSpace(node);
  const first = nodes.findIndex((node) => !isEmpty(node));
  if (first < 0 || !nodes.some((node, at) => node.type === 'Text' && isSaidBetween(text(node).replace(/\s+/g, ' '), at))) return undefined;
  let last = nodes.length - 1;
  while (isEmpty(nodes[last] as Node)) last--;
  const items: (string | Node | 'element')[] = [];
  const pieces: Piece[] = [];
  let open: { start: number; end: number } | undefined;
  const end = () => {
    if (open !== undefined) pieces.push(open);
    open = undefined;
  };
  const between = nodes.slice(first, last + 1);
  between.forEach((node, at) => {
    if (!isSaid(node)) {
      end();
      items.push('element');
      return;
    }
    const isEdge = (step: 1 | -1) => {
      let next = between[at + step];
      if (next !== undefined && isSpace(next)) next = between[at + 2 * step];
      return next === undefined || !isSaid(next);
    };
    // A written space beside an element stays in the markup as it is.
    if (isSpace(node) && (isEdge(1) || isEdge(-1))) return;
    if (node.type === 'Text' || isSpace(node)) {
      const raw = node.type === 'Text' ? text(node) : ' ';
      // Spaces at the end of a piece stay in the markup, where Svelte treats them as it always did.
      const source = node.type === 'Text' ? (word(node, 'raw') ?? raw) : '';
      const lead = isEdge(-1) && node.type === 'Text' ? source.length - source.trimStart().length : 0;
      const tail = isEdge(1) && node.type === 'Text' ? source.length - source.trimEnd().length : 0;
      let said = raw.replace(/\s+/g, ' ');
      if (isEdge(-1)) said = said.trimStart();
      if (isEdge(1)) said = said.trimEnd();
      const isBeside = (step: 1 | -1) => isEdge(step) && at + step >= 0 && at + step < between.length;
      // In the message a space shows where an element stands apart from its neighbour.
      items.push((isBeside(-1) && lead > 0 ? ' ' : '') + said + (isBeside(1) && tail > 0 && said !== '' ? ' ' : ''));
      if (source.trim() === '' && node.type === 'Text' && (isEdge(-1) || isEdge(1))) return;
      open = { start: open?.start ?? node.start + lead, end: node.end - tail };
    } else {
      items.push(child(node, 'expression') ?? node);
      open = { start: open?.start ?? node.start, end: node.end };
    }
  });
  end();
  return { items, pieces };
}

function attributePhrase(attribute: Node, source: string): Phrase | undefined {
  const name = word(attribute, 'name') ?? '';
  const value = attribute['value'];
  if (!Array.isArray(value) || neverAttributes.test(name)) return undefined;
  const nodes = value as readonly Node[];
  const parts = nodes.map((node, at) => (node.type === 'Text' ? text(node) : `{${at}}`)).join('');
  if (
    !nodes.some((node, at) => node.type === 'Text' && isSaidBetween(text(node), at)) ||
    !(saidAttributes.test(name) || readsAsWords(parts))
  )
    return undefined;
  const items = nodes.map((node) => (node.type === 'Text' ? text(node) : (child(node, 'expression') ?? node)));
  const first = nodes[0] as Node;
  const last = nodes[nodes.length - 1] as Node;
  // `label="Save"` becomes `label={…}`, its quotes included.
  const quote = source[first.start - 1] === '"' || source[first.start - 1] === "'" ? 1 : 0;
  return { items, pieces: [{ start: first.start - quote, end: last.end + quote }] };
}

/** Everything said in a component's markup: phrases, and strings inside its expressions. */
export function markupMessages(root: Node, source: string, isWord: (key: string) => boolean): MarkupFound {
  const phrases: Phrase[] = [];
  const found: Found[] = [];
  const expression = (node: Node | undefined, place: 'words' | 'none' | 'open') => {
    if (node !== undefined) found.push(...messagesIn(node, { isWordFile: false, place, isWord }));
  };
  const visit = (node: Node): void => {
    switch (node.type) {
      case 'Fragment':
        phrases.push(...phrasesOf(children(node, 'nodes')));
        break;
      case 'Attribute': {
        const name = word(node, 'name') ?? '';
        const phrase = attributePhrase(node, source);
        if (phrase !== undefined) phrases.push(phrase);
        const place = saidAttributes.test(name) || phrase !== undefined ? 'words' : neverAttributes.test(name) ? 'none' : 'open';
        for (const [, inner] of below(node)) if (inner.type === 'ExpressionTag') expression(child(inner, 'expression'), place);
        return;
      }
      case 'ExpressionTag':
        return expression(child(node, 'expression'), 'words');
      case 'RegularElement':
        if (notSaidInside.has(word(node, 'name') ?? '')) {
          children(node, 'attributes').forEach(visit);
          for (const inner of children(child(node, 'fragment') ?? node, 'nodes'))
            if (inner.type !== 'Text' && inner.type !== 'ExpressionTag') visit(inner);
          return;
        }
        break;
      case 'Text':
      case 'Comment':
      case 'StyleSheet':
      case 'Script':
      case 'ClassDirective':
      case 'StyleDirective':
        return;
    }
    for (const [field, inner] of below(node)) {
      if (isMarkup(inner)) visit(inner);
      else if (!['name', 'context', 'key', 'index', 'css', 'metadata'].includes(field)) expression(inner, 'open');
    }
  };
  visit(root);
  return { phrases, found };
}

const markupTypes =
  /^(Root|Fragment|Text|Comment|Attribute|ExpressionTag|HtmlTag|RenderTag|ConstTag|AttachTag|SpreadAttribute|RegularElement|Component|SlotElement|TitleElement|\w+Block|\w+Directive|Svelte\w+|StyleSheet|Script)$/;
const isMarkup = (node: Node) => markupTypes.test(node.type);
