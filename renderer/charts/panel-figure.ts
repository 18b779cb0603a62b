/** The lists of one user as a figure: our own SVG, light, no addresses in it, drawn at the width of two columns. Pure. */
import type { RankedList, UserLists } from '#contract/recommendation.ts';
import { itemName, rankChange, scoreText, userSentence } from '#renderer/state/recommendation-words.ts';
import { columnWidths, type Figure } from './figure.ts';
import { slopesOf } from './slopes.ts';

export interface PanelParts {
  readonly title: string;
  readonly dataset: string;
  /** In the order of the lists. */
  readonly runs: readonly { readonly model: string; readonly name: string }[];
  /** Pictures as data addresses. */
  readonly pictures: ReadonlyMap<number, string>;
}

/** Units of drawing: 11 of them are 8 points, as in the charts. */
const width = (columnWidths.two * 11) / 8;
const row = 30;
const gap = 64;
const top = 92;
/** Of the light theme; paper is white whatever the screen is. */
const [ink, ink2, line, mark, markWash, grey] = ['#16191c', '#4d545b', '#e4e1da', '#a9541f', '#faf0e8', '#8b867b'];

export function panelFigure(lists: UserLists, { title, dataset, runs, pictures }: PanelParts): Figure {
  const [left, right] = lists.lists;
  const column = right === undefined ? Math.min(width, 360) : (width - gap) / 2;
  const count = Math.max(...lists.lists.map(({ rows }) => rows.length), 1);
  const height = top + count * row + 28;
  const items = new Map(lists.items.map((item) => [item.id, item]));
  const name = (item: number) => itemName(items.get(item), item);
  const drawn = [
    text(0, 20, 18, ink, `${title} on ${dataset}`, { weight: 500 }),
    text(0, 40, 12, ink2, userSentence(lists)),
    ...lists.lists.map((list, index) => {
      const at = index * (column + gap);
      const label = lists.lists.length > 1 ? `${'AB'[index]}  ` : '';
      return [
        text(at, top - 22, 14, ink, fitted(`${label}${runs[index]?.name ?? ''}`, column, 14), { weight: 500 }),
        text(at, top - 7, 11, ink2, metricsWords(list, lists)),
        `<path d="M${at} ${top}H${at + column}" stroke="${grey}" fill="none"/>`,
        ...list.rows.map((each, place) => rowOf(each, { at, y: top + place * row, place, column, isSecond: index === 1, name, pictures })),
      ].join('');
    }),
    ...(left === undefined || right === undefined
      ? []
      : [
          `<g transform="translate(${column} ${top})">${slopesOf(left.rows, right.rows, { width: gap, row })
            .map(({ path, hit, ends }) => {
              const colour = hit ? mark : grey;
              const dots = ends.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="2.5" fill="${colour}"/>`).join('');
              return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${hit ? 2 : 1}"/>${dots}`;
            })
            .join('')}</g>`,
        ]),
    text(0, height - 8, 11, ink2, `Hits are ${lists.part} items. Scores of different models have no common scale.`),
  ];
  const points = (units: number) => Number(((units * 8) / 11).toFixed(2));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${points(width)}pt" height="${points(height)}pt" viewBox="0 0 ${width} ${height}" font-family="Inter"><title>${escaped(`${title} on ${dataset}: ${userSentence(lists)}`)}</title>${drawn.join('')}</svg>`;
  return { svg, width: points(width), height: points(height) };
}

interface Place {
  readonly at: number;
  readonly y: number;
  readonly place: number;
  readonly column: number;
  readonly isSecond: boolean;
  readonly name: (item: number) => string;
  readonly pictures: ReadonlyMap<number, string>;
}

function rowOf({ item, score, hit, other }: RankedList['rows'][number], { at, y, place, column, isSecond, name, pictures }: Place): string {
  const picture = pictures.get(item);
  const middle = y + 19;
  const words = column - 56 - 52 - (isSecond ? 36 : 0) - (hit ? 30 : 0);
  return [
    hit ? `<rect x="${at}" y="${y}" width="${column}" height="${row}" fill="${markWash}"/>` : '',
    text(at + 18, middle, 11, ink2, String(place + 1), { anchor: 'end' }),
    picture === undefined
      ? `<rect x="${at + 24}" y="${y + 3}" width="24" height="24" rx="3" fill="none" stroke="${grey}" stroke-dasharray="2 2"/>`
      : `<image x="${at + 24}" y="${y + 3}" width="24" height="24" href="${picture}"/>`,
    text(at + 56, middle, 12, ink, fitted(name(item), words, 12), hit ? { weight: 500 } : {}),
    hit
      ? `<path d="M${at + column - (isSecond ? 118 : 82)} ${y + 15}l3 4l7-8" fill="none" stroke="${mark}" stroke-width="1.5"/>` +
        text(at + column - (isSecond ? 104 : 68), middle, 11, mark, 'hit')
      : '',
    isSecond ? text(at + column - 52, middle, 11, ink2, rankChange(place + 1, other), { anchor: 'end' }) : '',
    text(at + column - 2, middle, 11, ink, scoreText(score), { anchor: 'end' }),
    `<path d="M${at} ${y + row}H${at + column}" stroke="${line}" fill="none"/>`,
  ].join('');
}

function metricsWords({ metrics, hits }: RankedList, { heldOut, k, part }: UserLists): string {
  const recall = metrics[`recall@${k}`];
  const found = `${hits} of ${heldOut.length} ${part} items found`;
  return recall === undefined ? found : `Recall@${k} of this user ${recall.toFixed(2)}, ${found}`;
}

function text(x: number, y: number, size: number, colour: string, words: string, more: { weight?: number; anchor?: 'end' } = {}): string {
  const weight = more.weight === undefined ? '' : ` font-weight="${more.weight}"`;
  const anchor = more.anchor === undefined ? '' : ` text-anchor="${more.anchor}"`;
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${colour}"${weight}${anchor}>${escaped(words)}</text>`;
}

/** As much as fits; Inter's letters are 0.53 of their size on average, wide scripts a whole one. */
function fitted(words: string, room: number, size: number): string {
  const of = (letter: string) => (letter.codePointAt(0)! > 0x2e80 ? 1 : 0.53) * size;
  let used = 0;
  for (let at = 0; at < words.length; at++) {
    used += of(words[at]!);
    if (used > room) return `${words.slice(0, Math.max(1, at - 1)).trimEnd()}…`;
  }
  return words;
}

/** Text of a file: never markup, and no control characters, which XML refuses. */
function escaped(words: string): string {
  const plain = words.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, ' ');
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
