import type { Random } from '../random.ts';
import { colourways, drawBuild, drawItem, type Build, type Kind } from './drawings.ts';
import type { Scene } from './scene.ts';

/**
 * The shop of the demo. An item's kind and colours show in its picture, its maker and material only in its text; what goes with
 * what (the occasion) shows in neither, except that the kind hints at it.
 */
export interface DemoItem {
  readonly kind: Kind;
  readonly colourway: number;
  readonly maker: number;
  readonly occasion: number;
  readonly build: Build;
  /** Log of how much shoppers come across it, apart from taste. */
  readonly fame: number;
  readonly title: string;
  /** Absent for one item in two hundred. */
  readonly text: string;
  /** Absent for a few items: no photograph. */
  readonly scene: Scene | undefined;
}

/**
 * Occasions join kinds that look unlike (a lamp, a book, a chair); across them are look-alikes that nobody buys together (a
 * bottle for sport and a vase for flowers, a ball and a clock).
 */
export const occasions: readonly { readonly name: string; readonly kinds: readonly Kind[] }[] = [
  { name: 'kitchen', kinds: ['mug', 'pan'] },
  { name: 'reading corner', kinds: ['lamp', 'book', 'chair'] },
  { name: 'sport', kinds: ['bottle', 'shoe', 'ball'] },
  { name: 'green room', kinds: ['fern', 'vase'] },
  { name: 'travel', kinds: ['bag', 'umbrella', 'headset'] },
  { name: 'nursery', kinds: ['bear', 'clock'] },
];

export const makers = ['Alder', 'Brisk', 'Corvin', 'Dune', 'Ember', 'Fjord', 'Gale', 'Haven', 'Iris', 'Juniper'] as const;

/** Words a maker uses for everything it makes: style is what a text tells. */
const voices: readonly (readonly string[])[] = [
  ['honest', 'oiled', 'workshop'],
  ['lively', 'quick', 'everyday'],
  ['tailored', 'formal', 'polished'],
  ['sandy', 'weathered', 'quiet'],
  ['warm', 'glowing', 'festive'],
  ['northern', 'spare', 'pale'],
  ['storm', 'rugged', 'outdoor'],
  ['soft', 'homely', 'rounded'],
  ['botanical', 'painted', 'delicate'],
  ['herbal', 'handmade', 'rustic'],
];

const words: Readonly<Record<Kind, { readonly nouns: readonly string[]; readonly materials: readonly string[] }>> = {
  mug: { nouns: ['mug', 'cup', 'beaker'], materials: ['enamel', 'stoneware', 'porcelain'] },
  lamp: { nouns: ['reading lamp', 'table lamp', 'bedside lamp'], materials: ['linen', 'brass', 'paper'] },
  bear: { nouns: ['bear', 'teddy', 'cuddly bear'], materials: ['mohair', 'cotton', 'wool'] },
  bottle: { nouns: ['bottle', 'flask', 'drinking bottle'], materials: ['steel', 'glass', 'aluminium'] },
  bag: { nouns: ['market bag', 'tote', 'shoulder bag'], materials: ['canvas', 'leather', 'felt'] },
  book: { nouns: ['notebook', 'journal', 'sketchbook'], materials: ['cloth', 'paper', 'linen'] },
  shoe: { nouns: ['shoe', 'trainer', 'sneaker'], materials: ['canvas', 'suede', 'mesh'] },
  fern: { nouns: ['desk fern', 'potted fern', 'house plant'], materials: ['terracotta', 'ceramic', 'zinc'] },
  clock: { nouns: ['wall clock', 'kitchen clock', 'round clock'], materials: ['beech', 'steel', 'enamel'] },
  vase: { nouns: ['vase', 'tall vase', 'flower vase'], materials: ['glass', 'stoneware', 'ceramic'] },
  headset: { nouns: ['headset', 'headphones', 'travel headphones'], materials: ['leather', 'aluminium', 'felt'] },
  umbrella: { nouns: ['umbrella', 'walking umbrella', 'rain umbrella'], materials: ['cotton', 'ash', 'nylon'] },
  ball: { nouns: ['play ball', 'ball', 'training ball'], materials: ['rubber', 'leather', 'cork'] },
  chair: { nouns: ['low chair', 'chair', 'side chair'], materials: ['oak', 'beech', 'ash'] },
  pan: { nouns: ['pan', 'skillet', 'frying pan'], materials: ['iron', 'steel', 'copper'] },
};

/** Share of items whose picture or text says little about them: photographed in other colours, described without its maker. */
const misleading = 0.08;
const withoutPicture = 4;
const withoutText = 1;

/** `count` items in a random order; the first ids are no more popular than the last. */
export function stockShop(count: number, random: Random): DemoItem[] {
  const bare = random.sampleWithoutReplacement(new Float64Array(count).fill(1), withoutPicture + withoutText);
  return Array.from({ length: count }, (_, id) => {
    const occasion = random.integer(occasions.length);
    const choices = occasions[occasion]!.kinds;
    const kind = choices[random.integer(choices.length)]!;
    const colourway = random.integer(colourways.length);
    const maker = random.integer(makers.length);
    const build = drawBuild(random);
    const shown = random.uniform() < misleading ? random.integer(colourways.length) : colourway;
    const isVague = random.uniform() < misleading;
    const fame = 0.9 * random.normal();
    const { title, text } = describe(kind, maker, build, isVague, random);
    const rank = bare.indexOf(id);
    return {
      kind,
      colourway,
      maker,
      occasion,
      build,
      fame,
      title,
      text: rank >= withoutPicture ? '' : text,
      scene: rank >= 0 && rank < withoutPicture ? undefined : drawItem(kind, colourways[shown]!, build),
    };
  });
}

function describe(kind: Kind, maker: number, build: Build, isVague: boolean, random: Random): { title: string; text: string } {
  const { nouns, materials } = words[kind];
  const pick = (list: readonly string[]): string => list[random.integer(list.length)]!;
  const noun = pick(nouns);
  const material = pick(materials);
  const voice = voices[maker]!;
  const name = makers[maker]!;
  const size = build.tall > 1.04 ? 'tall' : build.wide > 1.04 ? 'wide' : 'small';
  const title = `${capital(material)} ${noun}, ${name}`;
  if (isVague)
    return {
      title: `${capital(noun)} no. ${1 + random.integer(90)}`,
      text: `A ${noun} for every day. Ships in two days, thirty days to return it.`,
    };
  const first = pick(voice);
  const others = voice.filter((word) => word !== first);
  return {
    title,
    text: `${title}. A ${size}, ${first} ${noun} of ${material}. ${capital(others.join(' and '))}, as all things by ${name}.`,
  };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
