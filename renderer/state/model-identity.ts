/**
 * One colour and one marker shape per model id, the same on every screen (look.md). Slots 1 to 12 name both a `--series-n`
 * token and a shape; the next twelve models have the same hues and shapes dashed, the next again a shape in the hue of another, and a
 * model that is in no table takes a dashed slot from its id.
 */
export const markerShapes = [
  'disc',
  'square',
  'triangle-up',
  'triangle-down',
  'plus',
  'cross',
  'ring',
  'open-square',
  'open-up',
  'open-down',
  'hexagon',
  'open-hexagon',
] as const;
export type MarkerShape = (typeof markerShapes)[number];

export interface ModelIdentity {
  /** Of the hue, 1 … 12. */
  readonly slot: number;
  readonly shape: MarkerShape;
  /** CSS colour, e.g. "var(--series-3)". */
  readonly colour: string;
  /** Beyond the table: the same hue with a dash. */
  readonly dashed: boolean;
}

const known: Record<string, number> = {
  lightgcn: 1,
  freedom: 2,
  mgcn: 3,
  egra: 4,
  siger: 5,
  bm3: 6,
  vbpr: 7,
  bpr: 8,
  slmrec: 9,
  mmgcn: 10,
  lattice: 11,
  mentor: 12,
};

/** Slots again, dashed. */
const further: Record<string, number> = {
  layergcn: 1,
  itemknn: 2,
  mmgcf: 3,
  dualgnn: 4,
  dragon: 5,
  grcn: 6,
  selfcf: 7,
  mvgae: 8,
  lgmrec: 9,
  smore: 10,
  gume: 11,
  pgl: 12,
};

/** Slots of a shape, in the hue of the slot half way round. */
const crossed: Record<string, number> = {
  damrs: 1,
  igdmrec: 2,
  dmicf: 3,
  gca: 4,
  bbqrec: 5,
  kgattention: 6,
};

/** Colour, shape and dash of a model. */
export function modelIdentity(id: string): ModelIdentity {
  const shapeSlot = known[id] ?? crossed[id] ?? further[id] ?? (hash(id) % markerShapes.length) + 1;
  const slot = crossed[id] === undefined ? shapeSlot : ((shapeSlot + 5) % markerShapes.length) + 1;
  const dashed = known[id] === undefined && crossed[id] === undefined;
  return { slot, shape: markerShapes[shapeSlot - 1] ?? 'disc', colour: `var(--series-${slot})`, dashed };
}

function hash(text: string): number {
  let value = 2166136261;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 16777619) >>> 0;
  return value;
}

/** SVG path of a shape in a 12 × 12 box; `open` shapes are stroked, the others filled. */
export const markerPaths: Record<MarkerShape, { readonly path: string; readonly open: boolean }> = {
  disc: { path: 'M6 2.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6Z', open: false },
  square: { path: 'M2.4 2.4h7.2v7.2h-7.2z', open: false },
  'triangle-up': { path: 'M6 1.8L10.5 9.8h-9z', open: false },
  'triangle-down': { path: 'M6 10.2L1.5 2.2h9z', open: false },
  plus: { path: 'M6 1.8v8.4M1.8 6h8.4', open: true },
  cross: { path: 'M2.6 2.6l6.8 6.8M9.4 2.6L2.6 9.4', open: true },
  ring: { path: 'M6 2.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z', open: true },
  'open-square': { path: 'M2.7 2.7h6.6v6.6h-6.6z', open: true },
  'open-up': { path: 'M6 2.5L10 9.5h-8z', open: true },
  'open-down': { path: 'M6 9.5L2 2.5h8z', open: true },
  hexagon: { path: 'M6 1.8l3.7 2.1v4.2L6 10.2 2.3 8.1V3.9z', open: false },
  'open-hexagon': { path: 'M6 2.1l3.4 1.9v4L6 9.9 2.6 8V4z', open: true },
};

/** The path of a model's marker in a 12 × 12 box, as attributes. */
export function markerLook(id: string): Readonly<Record<string, string | number | undefined>> {
  const { shape, colour, dashed } = modelIdentity(id);
  const { path, open } = markerPaths[shape];
  return {
    d: path,
    fill: open ? 'none' : colour,
    // A filled shape has no line to dash: the lighter ones are the further models'.
    'fill-opacity': dashed ? 0.25 : undefined,
    stroke: open || dashed ? colour : 'none',
    'stroke-width': shape === 'plus' || shape === 'cross' ? 2.2 : 1.5,
    'stroke-dasharray': open && dashed ? '2 1' : undefined,
  };
}
