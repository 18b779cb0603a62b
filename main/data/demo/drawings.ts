import type { Random } from '../random.ts';
import type { Colour, Scene, Shape } from './scene.ts';

/** Colours of one drawing: body, its light and dark companions, and the pale ground. */
export interface Colourway {
  readonly name: string;
  readonly body: Colour;
  readonly light: Colour;
  readonly dark: Colour;
  readonly ground: Colour;
}

export const colourways: readonly Colourway[] = [
  { name: 'harbour blue', body: '#2b6393', light: '#9db8cf', dark: '#1d4468', ground: '#eef1f5' },
  { name: 'honey', body: '#d3ac49', light: '#ecd9a4', dark: '#8b6100', ground: '#f5f0e2' },
  { name: 'clay', body: '#ab521f', light: '#e3b393', dark: '#743412', ground: '#f5efe8' },
  { name: 'forest', body: '#2d7d4f', light: '#9ccab0', dark: '#1c5335', ground: '#ebf1ec' },
  { name: 'plum', body: '#8b3f8f', light: '#cfa6d3', dark: '#5d2761', ground: '#f2ecf2' },
  { name: 'slate', body: '#454b52', light: '#a9aeb4', dark: '#25292e', ground: '#eeefee' },
  { name: 'coral', body: '#c4473b', light: '#e8a9a0', dark: '#8c2019', ground: '#f6eeeb' },
  { name: 'lagoon', body: '#2c8ea1', light: '#a3d0da', dark: '#1b5f6d', ground: '#e9f1f2' },
];

export const kinds = [
  'mug',
  'lamp',
  'bear',
  'bottle',
  'bag',
  'book',
  'shoe',
  'fern',
  'clock',
  'vase',
  'headset',
  'umbrella',
  'ball',
  'chair',
  'pan',
] as const;
export type Kind = (typeof kinds)[number];

/** How one item differs from others of its kind: proportions around 1, and which of three finishes it has. */
export interface Build {
  readonly tall: number;
  readonly wide: number;
  /** 0 plain, 1 banded, 2 dotted. */
  readonly finish: 0 | 1 | 2;
}

/** Proportions within ± 12 %. */
export function drawBuild(random: Random): Build {
  return { tall: 0.88 + 0.24 * random.uniform(), wide: 0.88 + 0.24 * random.uniform(), finish: random.integer(3) as 0 | 1 | 2 };
}

/** The drawing of one item. */
export function drawItem(kind: Kind, colours: Colourway, build: Build): Scene {
  const shapes = drawings[kind](colours, build.finish);
  // Round things grow and shrink, they are not squeezed.
  const scale = Math.sqrt(build.tall * build.wide);
  const proportions = kind === 'ball' || kind === 'clock' || kind === 'pan' ? { ...build, tall: scale, wide: scale } : build;
  return { background: colours.ground, shapes: shapes.map((shape) => stretched(shape, proportions)) };
}

/** Stretches a shape about the middle of the picture; strokes keep their width. */
function stretched(shape: Shape, { tall, wide }: Build): Shape {
  const x = (value: number): number => 48 + (value - 48) * wide;
  const y = (value: number): number => 50 + (value - 50) * tall;
  switch (shape.form) {
    case 'rect':
      return { ...shape, x: x(shape.x), y: y(shape.y), width: shape.width * wide, height: shape.height * tall };
    case 'ellipse':
      return { ...shape, x: x(shape.x), y: y(shape.y), rx: shape.rx * wide, ry: shape.ry * tall };
    case 'polygon':
      return { ...shape, points: shape.points.map(([px, py]) => [x(px), y(py)] as const) };
    case 'line':
      return { ...shape, from: [x(shape.from[0]), y(shape.from[1])], to: [x(shape.to[0]), y(shape.to[1])] };
    case 'arc':
      return { ...shape, x: x(shape.x), y: y(shape.y), radius: shape.radius * Math.sqrt(tall * wide) };
  }
}

const ivory: Colour = '#fffaf2';

/** A band, or dots, inside a rectangle of the body. */
function finishOn(finish: 0 | 1 | 2, area: { x: number; y: number; width: number; height: number }, fill: Colour): Shape[] {
  const { x, y, width, height } = area;
  if (finish === 1) return [{ form: 'rect', x, y: y + height * 0.34, width, height: height * 0.24, fill }];
  if (finish === 2) {
    const dots: Shape[] = [];
    for (let row = 0; row < 2; row++)
      for (let column = 0; column < 3; column++)
        dots.push({ form: 'ellipse', x: x + width * (0.2 + 0.3 * column), y: y + height * (0.3 + 0.4 * row), rx: 2.2, ry: 2.2, fill });
    return dots;
  }
  return [];
}

const drawings: Readonly<Record<Kind, (colours: Colourway, finish: 0 | 1 | 2) => Shape[]>> = {
  mug: (c, finish) => [
    { form: 'arc', x: 62, y: 50, radius: 12, from: -90, to: 90, width: 6, fill: c.dark },
    { form: 'rect', x: 26, y: 32, width: 36, height: 40, round: 5, fill: c.body },
    { form: 'rect', x: 26, y: 32, width: 36, height: 6, round: 3, fill: c.light },
    ...finishOn(finish, { x: 26, y: 40, width: 36, height: 28 }, c.light),
  ],
  lamp: (c, finish) => [
    { form: 'line', from: [48, 46], to: [48, 76], width: 5, fill: c.dark },
    { form: 'rect', x: 32, y: 74, width: 32, height: 6, round: 3, fill: c.dark },
    {
      form: 'polygon',
      points: [
        [37, 20],
        [59, 20],
        [70, 48],
        [26, 48],
      ],
      round: 1.5,
      fill: c.body,
    },
    ...(finish === 1
      ? [
          {
            form: 'polygon',
            points: [
              [29.5, 39],
              [66.5, 39],
              [69, 46],
              [27, 46],
            ],
            fill: c.light,
          } as const,
        ]
      : []),
    ...(finish === 2 ? finishOn(2, { x: 36, y: 24, width: 24, height: 20 }, c.light) : []),
  ],
  bear: (c, finish) => [
    { form: 'ellipse', x: 34, y: 24, rx: 8, ry: 8, fill: c.body },
    { form: 'ellipse', x: 62, y: 24, rx: 8, ry: 8, fill: c.body },
    { form: 'ellipse', x: 48, y: 68, rx: 21, ry: 17, fill: c.body },
    { form: 'ellipse', x: 48, y: 37, rx: 19, ry: 18, fill: c.light },
    { form: 'ellipse', x: 41, y: 34, rx: 2.2, ry: 2.2, fill: c.dark },
    { form: 'ellipse', x: 55, y: 34, rx: 2.2, ry: 2.2, fill: c.dark },
    { form: 'ellipse', x: 48, y: 43, rx: 6, ry: 4.5, fill: ivory },
    { form: 'ellipse', x: 48, y: 41.5, rx: 2.4, ry: 1.8, fill: c.dark },
    ...(finish === 1 ? [{ form: 'rect', x: 36, y: 55, width: 24, height: 6, round: 3, fill: c.dark } as const] : []),
    ...(finish === 2 ? [{ form: 'ellipse', x: 48, y: 70, rx: 11, ry: 10, fill: c.light } as const] : []),
  ],
  bottle: (c, finish) => [
    { form: 'rect', x: 42, y: 14, width: 12, height: 9, round: 2, fill: c.dark },
    {
      form: 'polygon',
      points: [
        [44, 23],
        [52, 23],
        [52, 32],
        [60, 42],
        [60, 78],
        [36, 78],
        [36, 42],
        [44, 32],
      ],
      round: 3,
      fill: c.light,
    },
    { form: 'rect', x: 33, y: 52, width: 30, height: 18, fill: c.body },
    ...(finish === 1 ? [{ form: 'rect', x: 33, y: 58, width: 30, height: 5, fill: ivory } as const] : []),
    ...(finish === 2 ? [{ form: 'ellipse', x: 48, y: 61, rx: 5, ry: 5, fill: ivory } as const] : []),
  ],
  bag: (c, finish) => [
    { form: 'arc', x: 48, y: 36, radius: 14, from: 180, to: 360, width: 5, fill: c.light },
    {
      form: 'polygon',
      points: [
        [28, 38],
        [68, 38],
        [73, 76],
        [23, 76],
      ],
      round: 2,
      fill: c.body,
    },
    ...finishOn(finish, { x: 30, y: 42, width: 36, height: 30 }, c.light),
  ],
  book: (c, finish) => [
    { form: 'rect', x: 27, y: 20, width: 42, height: 56, round: 4, fill: c.body },
    { form: 'rect', x: 27, y: 62, width: 42, height: 14, round: 6, fill: c.light },
    { form: 'rect', x: 27, y: 20, width: 7, height: 50, fill: c.dark },
    { form: 'line', from: [42, 32], to: [60, 32], width: 3, fill: ivory },
    ...(finish === 0 ? [] : [{ form: 'line', from: [42, 40], to: [54, 40], width: 3, fill: ivory } as const]),
    ...(finish === 2 ? [{ form: 'ellipse', x: 51, y: 52, rx: 5, ry: 5, fill: c.light } as const] : []),
  ],
  shoe: (c, finish) => [
    {
      form: 'polygon',
      points: [
        [18, 38],
        [22, 42],
        [32, 42],
        [36, 36],
        [52, 52],
        [72, 58],
        [78, 66],
        [18, 66],
      ],
      round: 2,
      fill: c.body,
    },
    { form: 'rect', x: 15, y: 66, width: 66, height: 7, round: 3, fill: c.light },
    { form: 'line', from: [42, 46], to: [47, 42], width: 2.5, fill: ivory },
    { form: 'line', from: [47, 51], to: [52, 47], width: 2.5, fill: ivory },
    ...(finish === 1 ? [{ form: 'line', from: [24, 60], to: [44, 60], width: 4, fill: c.light } as const] : []),
    ...(finish === 2 ? [{ form: 'ellipse', x: 28, y: 55, rx: 5, ry: 5, fill: c.dark } as const] : []),
  ],
  fern: (c, finish) => [
    {
      form: 'polygon',
      points: [
        [47, 58],
        [30, 48],
        [24, 30],
        [38, 36],
      ],
      round: 4,
      fill: c.light,
    },
    {
      form: 'polygon',
      points: [
        [49, 58],
        [66, 48],
        [72, 30],
        [58, 36],
      ],
      round: 4,
      fill: c.light,
    },
    {
      form: 'polygon',
      points: [
        [48, 58],
        [41, 36],
        [48, 18],
        [55, 36],
      ],
      round: 3,
      fill: c.body,
    },
    {
      form: 'polygon',
      points: [
        [33, 58],
        [63, 58],
        [58, 80],
        [38, 80],
      ],
      round: 2,
      fill: c.dark,
    },
    ...(finish === 1 ? [{ form: 'rect', x: 34, y: 64, width: 28, height: 4, fill: c.light } as const] : []),
    ...(finish === 2 ? finishOn(2, { x: 38, y: 60, width: 20, height: 18 }, c.light) : []),
  ],
  clock: (c, finish) => [
    { form: 'ellipse', x: 48, y: 48, rx: 29, ry: 29, fill: c.body },
    { form: 'ellipse', x: 48, y: 48, rx: 22, ry: 22, fill: ivory },
    { form: 'line', from: [48, 48], to: [48, 33], width: 4, fill: c.dark },
    { form: 'line', from: [48, 48], to: [57, 54], width: 4, fill: c.dark },
    ...(finish === 1
      ? [0, 90, 180, 270].map((degrees): Shape => ({
          form: 'ellipse',
          x: 48 + 18 * Math.cos((degrees * Math.PI) / 180),
          y: 48 + 18 * Math.sin((degrees * Math.PI) / 180),
          rx: 2,
          ry: 2,
          fill: c.body,
        }))
      : []),
    ...(finish === 2 ? [{ form: 'rect', x: 44, y: 12, width: 8, height: 8, round: 2, fill: c.dark } as const] : []),
  ],
  vase: (c, finish) => [
    { form: 'rect', x: 40, y: 16, width: 16, height: 14, round: 2, fill: c.body },
    {
      form: 'polygon',
      points: [
        [43, 28],
        [53, 28],
        [66, 48],
        [58, 78],
        [38, 78],
        [30, 48],
      ],
      round: 4,
      fill: c.body,
    },
    ...(finish === 0 ? [] : [{ form: 'line', from: [30, 48], to: [66, 48], width: 4, fill: c.light } as const]),
    ...(finish === 2 ? [{ form: 'line', from: [33, 60], to: [63, 60], width: 4, fill: c.light } as const] : []),
  ],
  headset: (c, finish) => [
    { form: 'arc', x: 48, y: 50, radius: 26, from: 180, to: 360, width: 6, fill: c.dark },
    { form: 'rect', x: 15, y: 48, width: 15, height: 26, round: 6, fill: c.body },
    { form: 'rect', x: 66, y: 48, width: 15, height: 26, round: 6, fill: c.body },
    ...(finish === 1
      ? [
          { form: 'rect', x: 19, y: 52, width: 7, height: 18, round: 3, fill: c.light } as const,
          { form: 'rect', x: 70, y: 52, width: 7, height: 18, round: 3, fill: c.light } as const,
        ]
      : []),
    ...(finish === 2 ? [{ form: 'arc', x: 58, y: 66, radius: 14, from: 0, to: 100, width: 3.5, fill: c.dark } as const] : []),
  ],
  umbrella: (c, finish) => [
    { form: 'line', from: [48, 46], to: [48, 72], width: 4, fill: c.dark },
    { form: 'arc', x: 53, y: 72, radius: 5, from: 0, to: 180, width: 4, fill: c.dark },
    { form: 'polygon', points: dome(48, 49, 31), round: 1, fill: c.body },
    ...(finish === 0 ? [] : [{ form: 'polygon', points: dome(48, 49, 31, 0.36), round: 0.5, fill: c.light } as const]),
    ...(finish === 2 ? [{ form: 'ellipse', x: 48, y: 17, rx: 2.5, ry: 3, fill: c.dark } as const] : []),
  ],
  ball: (c, finish) => [
    { form: 'ellipse', x: 48, y: 48, rx: 29, ry: 29, fill: c.body },
    ...(finish === 1 ? [{ form: 'ellipse', x: 48, y: 48, rx: 11, ry: 29, fill: c.light } as const] : []),
    ...(finish === 2 ? [{ form: 'ellipse', x: 40, y: 40, rx: 10, ry: 10, fill: c.light } as const] : []),
    { form: 'line', from: [19.5, 48], to: [76.5, 48], width: 3, fill: c.dark },
    { form: 'line', from: [48, 19.5], to: [48, 76.5], width: 3, fill: c.dark },
  ],
  chair: (c, finish) => [
    { form: 'line', from: [33, 54], to: [33, 80], width: 5, fill: c.dark },
    { form: 'line', from: [63, 54], to: [63, 80], width: 5, fill: c.dark },
    { form: 'rect', x: 33, y: 16, width: 30, height: 34, round: 6, fill: c.light },
    { form: 'rect', x: 27, y: 48, width: 42, height: 10, round: 4, fill: c.body },
    ...(finish === 1 ? [{ form: 'rect', x: 33, y: 28, width: 30, height: 6, fill: c.body } as const] : []),
    ...(finish === 2 ? finishOn(2, { x: 36, y: 18, width: 24, height: 26 }, c.body) : []),
  ],
  pan: (c, finish) => [
    { form: 'line', from: [56, 46], to: [82, 30], width: 7, fill: c.dark },
    { form: 'ellipse', x: 40, y: 54, rx: 26, ry: 26, fill: c.body },
    { form: 'ellipse', x: 40, y: 54, rx: 19, ry: 19, fill: finish === 1 ? c.dark : c.light },
    ...(finish === 2 ? [{ form: 'ellipse', x: 40, y: 54, rx: 7, ry: 7, fill: ivory } as const] : []),
  ],
};

/** Upper half of a circle, or a slice of it `share` as wide, as a polygon. */
function dome(x: number, y: number, radius: number, share = 1): [number, number][] {
  const points: [number, number][] = [];
  for (let s = 0; s <= 18; s++) {
    const angle = Math.PI * (1 + s / 18);
    points.push([x + radius * share * Math.cos(angle), y + radius * Math.sin(angle)]);
  }
  return points;
}
