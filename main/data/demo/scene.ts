/**
 * Flat drawings as lists of shapes on a square of 96 × 96. One list gives both the SVG that is shown and the pixels that the
 * image features are computed from, so what a model sees is what a person sees.
 */
export type Colour = `#${string}`;

export type Shape =
  /** Corners rounded by `round`. */
  | {
      readonly form: 'rect';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly round?: number;
      readonly fill: Colour;
    }
  | { readonly form: 'ellipse'; readonly x: number; readonly y: number; readonly rx: number; readonly ry: number; readonly fill: Colour }
  | { readonly form: 'polygon'; readonly points: readonly (readonly [number, number])[]; readonly round?: number; readonly fill: Colour }
  /** A stroke with round ends. */
  | {
      readonly form: 'line';
      readonly from: readonly [number, number];
      readonly to: readonly [number, number];
      readonly width: number;
      readonly fill: Colour;
    }
  /** Part of a circle as a stroke with round ends; degrees clockwise from the right, `to` > `from`. */
  | {
      readonly form: 'arc';
      readonly x: number;
      readonly y: number;
      readonly radius: number;
      readonly from: number;
      readonly to: number;
      readonly width: number;
      readonly fill: Colour;
    };

export interface Scene {
  readonly background: Colour;
  readonly shapes: readonly Shape[];
}

const sceneSize = 96;

/** The scene as an SVG document. */
export function sceneToSvg(scene: Scene): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${sceneSize} ${sceneSize}"><rect width="${sceneSize}" height="${sceneSize}" fill="${scene.background}"/>${scene.shapes.map(shapeToSvg).join('')}</svg>\n`;
}

function shapeToSvg(shape: Shape): string {
  const n = (value: number): string => String(Math.round(value * 100) / 100);
  switch (shape.form) {
    case 'rect':
      return `<rect x="${n(shape.x)}" y="${n(shape.y)}" width="${n(shape.width)}" height="${n(shape.height)}"${shape.round ? ` rx="${n(shape.round)}"` : ''} fill="${shape.fill}"/>`;
    case 'ellipse':
      return `<ellipse cx="${n(shape.x)}" cy="${n(shape.y)}" rx="${n(shape.rx)}" ry="${n(shape.ry)}" fill="${shape.fill}"/>`;
    case 'polygon': {
      const points = shape.points.map(([x, y]) => `${n(x)},${n(y)}`).join(' ');
      const stroke = shape.round ? ` stroke="${shape.fill}" stroke-width="${n(2 * shape.round)}" stroke-linejoin="round"` : '';
      return `<polygon points="${points}" fill="${shape.fill}"${stroke}/>`;
    }
    case 'line':
      return `<path d="M${n(shape.from[0])} ${n(shape.from[1])}L${n(shape.to[0])} ${n(shape.to[1])}" stroke="${shape.fill}" stroke-width="${n(shape.width)}" stroke-linecap="round" fill="none"/>`;
    case 'arc': {
      const at = (degrees: number): string =>
        `${n(shape.x + shape.radius * Math.cos((degrees * Math.PI) / 180))} ${n(shape.y + shape.radius * Math.sin((degrees * Math.PI) / 180))}`;
      if (shape.to - shape.from >= 360)
        return `<circle cx="${n(shape.x)}" cy="${n(shape.y)}" r="${n(shape.radius)}" stroke="${shape.fill}" stroke-width="${n(shape.width)}" fill="none"/>`;
      return `<path d="M${at(shape.from)}A${n(shape.radius)} ${n(shape.radius)} 0 ${shape.to - shape.from > 180 ? 1 : 0} 1 ${at(shape.to)}" stroke="${shape.fill}" stroke-width="${n(shape.width)}" stroke-linecap="round" fill="none"/>`;
    }
  }
}

/** The scene as `size` × `size` pixels, red, green, blue from 0 to 1; edges smoothed over one pixel. */
export function rasterise(scene: Scene, size: number): Float32Array {
  const pixels = new Float32Array(size * size * 3);
  const background = channels(scene.background);
  for (let p = 0; p < pixels.length; p++) pixels[p] = background[p % 3]!;
  const unit = sceneSize / size;
  for (const shape of scene.shapes) {
    const [red, green, blue] = channels(shape.fill);
    const box = bounds(shape);
    const first = [Math.max(0, Math.floor(box[0] / unit) - 1), Math.max(0, Math.floor(box[1] / unit) - 1)] as const;
    const last = [Math.min(size - 1, Math.ceil(box[2] / unit) + 1), Math.min(size - 1, Math.ceil(box[3] / unit) + 1)] as const;
    for (let row = first[1]; row <= last[1]; row++) {
      for (let column = first[0]; column <= last[0]; column++) {
        const cover = Math.min(1, Math.max(0, 0.5 - distance(shape, (column + 0.5) * unit, (row + 0.5) * unit) / unit));
        if (cover === 0) continue;
        const at = (row * size + column) * 3;
        pixels[at] = pixels[at]! + (red - pixels[at]!) * cover;
        pixels[at + 1] = pixels[at + 1]! + (green - pixels[at + 1]!) * cover;
        pixels[at + 2] = pixels[at + 2]! + (blue - pixels[at + 2]!) * cover;
      }
    }
  }
  return pixels;
}

/** Red, green and blue from 0 to 1. */
export function channels(colour: Colour): readonly [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

function bounds(shape: Shape): readonly [number, number, number, number] {
  switch (shape.form) {
    case 'rect':
      return [shape.x, shape.y, shape.x + shape.width, shape.y + shape.height];
    case 'ellipse':
      return [shape.x - shape.rx, shape.y - shape.ry, shape.x + shape.rx, shape.y + shape.ry];
    case 'polygon': {
      const xs = shape.points.map(([x]) => x);
      const ys = shape.points.map(([, y]) => y);
      const round = shape.round ?? 0;
      return [Math.min(...xs) - round, Math.min(...ys) - round, Math.max(...xs) + round, Math.max(...ys) + round];
    }
    case 'line': {
      const half = shape.width / 2;
      return [
        Math.min(shape.from[0], shape.to[0]) - half,
        Math.min(shape.from[1], shape.to[1]) - half,
        Math.max(shape.from[0], shape.to[0]) + half,
        Math.max(shape.from[1], shape.to[1]) + half,
      ];
    }
    case 'arc': {
      const reach = shape.radius + shape.width / 2;
      return [shape.x - reach, shape.y - reach, shape.x + reach, shape.y + reach];
    }
  }
}

/** Signed distance from (x, y) to the outline, negative inside. */
function distance(shape: Shape, x: number, y: number): number {
  switch (shape.form) {
    case 'rect': {
      const round = shape.round ?? 0;
      const dx = Math.abs(x - shape.x - shape.width / 2) - shape.width / 2 + round;
      const dy = Math.abs(y - shape.y - shape.height / 2) - shape.height / 2 + round;
      return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - round;
    }
    case 'ellipse': {
      // Exact for circles; for ellipses the first-order estimate, good to a fraction of a pixel near the outline.
      const u = (x - shape.x) / shape.rx;
      const v = (y - shape.y) / shape.ry;
      const level = Math.hypot(u, v);
      if (level === 0) return -Math.min(shape.rx, shape.ry);
      const slope = Math.hypot(u / shape.rx, v / shape.ry) / level;
      return (level - 1) / slope;
    }
    case 'polygon':
      return polygonDistance(shape.points, x, y) - (shape.round ?? 0);
    case 'line':
      return segmentDistance(shape.from, shape.to, x, y) - shape.width / 2;
    case 'arc': {
      const angle = (Math.atan2(y - shape.y, x - shape.x) * 180) / Math.PI;
      const turned = (((angle - shape.from) % 360) + 360) % 360;
      if (turned <= shape.to - shape.from) return Math.abs(Math.hypot(x - shape.x, y - shape.y) - shape.radius) - shape.width / 2;
      const end = (degrees: number): number =>
        Math.hypot(
          x - shape.x - shape.radius * Math.cos((degrees * Math.PI) / 180),
          y - shape.y - shape.radius * Math.sin((degrees * Math.PI) / 180),
        );
      return Math.min(end(shape.from), end(shape.to)) - shape.width / 2;
    }
  }
}

function segmentDistance(a: readonly [number, number], b: readonly [number, number], x: number, y: number): number {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const along = Math.min(1, Math.max(0, ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - a[0] - along * dx, y - a[1] - along * dy);
}

function polygonDistance(points: readonly (readonly [number, number])[], x: number, y: number): number {
  let nearest = Infinity;
  let isInside = false;
  for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
    const a = points[i]!;
    const b = points[j]!;
    nearest = Math.min(nearest, segmentDistance(a, b, x, y));
    if (a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) isInside = !isInside;
  }
  return isInside ? -nearest : nearest;
}
