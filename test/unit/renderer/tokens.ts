import { readFileSync } from 'node:fs';

/** The custom properties of one block of theme.css, by selector text. */
export function tokensOf(css: string, selector: string, from = 0): Record<string, string> {
  const start = css.indexOf(`${selector} {`, from);
  if (start < 0) throw new Error(`theme.css has no block ${selector}`);
  const block = css.slice(start, css.indexOf('}', start));
  return Object.fromEntries([...block.matchAll(/--([a-z0-9-]+):\s*([^;]+);/g)].map((match) => [match[1]!, match[2]!.trim()]));
}

export const themeCss = readFileSync(new URL('../../../renderer/app/theme.css', import.meta.url), 'utf8');
export const light = tokensOf(themeCss, ':root');
export const dark = tokensOf(themeCss, ":root[data-theme='dark']");
export const system = tokensOf(themeCss, ":root[data-theme='system']");
/** Colours of models that any kind of colour vision tells apart. */
export const distinct = {
  light: tokensOf(themeCss, ":root[data-palette='distinct']"),
  dark: tokensOf(themeCss, ":root[data-theme='dark'][data-palette='distinct']"),
  system: tokensOf(themeCss, ":root[data-theme='system'][data-palette='distinct']"),
};

/** WCAG contrast of two #rrggbb colours. */
export function contrast(first: string, second: string): number {
  const [a, b] = [luminance(first), luminance(second)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance(hex: string): number {
  const [r, g, b] = linear(hex);
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

/** Linear sRGB, 0 to 1. */
function linear(hex: string): number[] {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (match === null) throw new Error(`${hex} is not a #rrggbb colour`);
  return match.slice(1).map((part) => {
    const value = parseInt(part, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

type Triple = readonly [number, number, number];

/** Linear RGB as it is seen with each kind of colour vision: Machado, Oliveira & Fernandes 2009, severity 1. */
const visions: Readonly<Record<string, readonly Triple[]>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** The least distance (CIE 1976, in L*a*b*) of two of the colours with the kind of colour vision that tells them apart worst. */
export function leastDistance(colours: readonly string[]): number {
  let least = Infinity;
  for (const vision of Object.values(visions)) {
    const seen = colours.map((colour) => labOf(times(vision, linear(colour)).map((part) => Math.min(1, Math.max(0, part)))));
    for (const [index, one] of seen.entries())
      for (const other of seen.slice(0, index)) least = Math.min(least, Math.hypot(...one.map((part, at) => part - other[at]!)));
  }
  return least;
}

const times = (matrix: readonly Triple[], values: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, factor, at) => sum + factor * values[at]!, 0));

/** L*a*b* under D65 of linear sRGB. */
function labOf(rgb: readonly number[]): number[] {
  const xyz = times(
    [
      [0.4124564, 0.3575761, 0.1804375],
      [0.2126729, 0.7151522, 0.072175],
      [0.0193339, 0.119192, 0.9503041],
    ],
    rgb,
  );
  const [x = 0, y = 0, z = 0] = [0.95047, 1, 1.08883].map((white, at) => {
    const share = xyz[at]! / white;
    return share > 216 / 24_389 ? Math.cbrt(share) : ((24_389 / 27) * share + 16) / 116;
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
