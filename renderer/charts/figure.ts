/** Charts as figures for a paper: drawn off screen on white, vector, at the width of a column, with their font inside. */
import interLatin from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url';
import type { EChartsCoreOption } from 'echarts/core';
import { inEnglish } from '#renderer/locales/language.svelte.ts';
import { appearance } from '#renderer/state/appearance.svelte.ts';
import { onBaseline } from './baseline.ts';
import { chartSvg, type ChartSize } from './echart.svelte.ts';
import { withResolution } from './png-resolution.ts';
import { themeOf, type ChartTheme } from './theme.ts';

export type FigureFormat = 'svg' | 'pdf' | 'png';

/** Widths in points: one column (3.5 in) and both (7.16 in) of the usual two-column styles. */
export const columnWidths = { one: 252, two: 515.52 } as const;

/** Units of drawing for each point: what is 11 high on screen is 8 points on paper. */
export const unitsPerPoint = 11 / 8;
const pngDotsPerInch = 300;
const family = 'Inter';

export interface Figure {
  readonly svg: string;
  /** Points. */
  readonly width: number;
  readonly height: number;
}

/** What a chart draws, given colours and size; the same function that draws it on screen. */
export type Draw = (theme: ChartTheme, size: ChartSize) => EChartsCoreOption;

/**
 * Draws a figure. Its font is named and not yet inside: {@link figureFile} puts it there. Names are cut and axes placed by how wide the
 * page sets their words, so the page has to have the font first.
 */
export async function figure(draw: Draw, columns: keyof typeof columnWidths, aspect: number): Promise<Figure> {
  await fontOfFigures();
  const width = columnWidths[columns];
  const height = Math.round(width * aspect);
  const size = { width: Math.round(width * unitsPerPoint), height: Math.round(height * unitsPerPoint) };
  const drawn = inEnglish(() => chartSvg(draw(paperTheme(), size), size));
  return { svg: onBaseline(withSize(drawn, width, height, size)), width, height };
}

let inPage: Promise<void> | undefined;

/** The font of figures under its name in the page, which itself is set in another. Loaded once; a failure is tried again. */
function fontOfFigures(): Promise<void> {
  inPage ??= loaded(interLatin)
    .then((font) => new FontFace(family, font, { weight: '100 900' }).load())
    .then(
      (face) => void document.fonts.add(face),
      (error: unknown) => {
        inPage = undefined;
        throw error;
      },
    );
  return inPage;
}

/** The root element in points, its content in the units it was drawn in. */
function withSize(svg: string, width: number, height: number, size: ChartSize): string {
  const root = /^<svg[^>]*>/.exec(svg)?.[0] ?? '';
  const plain = root.replace(/ (width|height|viewBox)="[^"]*"/g, '');
  const sized = plain.replace('<svg', `<svg width="${width}pt" height="${height}pt" viewBox="0 0 ${size.width} ${size.height}"`);
  return svg.replace(root, sized);
}

/** The light theme whatever the studio shows: figures stand on white paper. */
function paperTheme(): ChartTheme {
  const tokens = paperTokens();
  return { ...themeOf((name) => tokens.get(name) ?? ''), font: family };
}

/** The tokens of the light theme by name, with the chosen colours of models. */
export function paperTokens(): ReadonlyMap<string, string> {
  const tokens = new Map<string, string>();
  const selectors = [':root', ...(appearance.palette === 'standard' ? [] : [`:root[data-palette="${appearance.palette}"]`])];
  for (const sheet of document.styleSheets)
    for (const rule of sheet.cssRules)
      if (rule instanceof CSSStyleRule && selectors.includes(rule.selectorText))
        for (const name of rule.style) if (name.startsWith('--')) tokens.set(name, rule.style.getPropertyValue(name).trim());
  return tokens;
}

/** The bytes of a figure in a format. @throws where the browser cannot draw it, e.g. for want of memory. */
export async function figureFile(drawn: Figure, format: FigureFormat): Promise<Uint8Array<ArrayBuffer>> {
  if (format === 'pdf') return figurePdf(drawn);
  const svg = await withFont(drawn.svg);
  return format === 'svg' ? new TextEncoder().encode(svg) : rasterised(svg, drawn);
}

/** The drawing with its font inside, as SVG programs and browsers show it. */
export async function withFont(svg: string): Promise<string> {
  const font = base64(await loaded(interLatin));
  const face = `@font-face{font-family:${family};src:url(data:font/woff2;base64,${font}) format('woff2');font-weight:100 900}`;
  return svg.replace(/^<svg[^>]*>/, (root) => `${root}<style>${face}</style>`);
}

async function rasterised(svg: string, { width, height }: Figure): Promise<Uint8Array<ArrayBuffer>> {
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.round((width / 72) * pngDotsPerInch);
    canvas.height = Math.round((height / 72) * pngDotsPerInch);
    const context = canvas.getContext('2d')!;
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (blob === null) throw new Error('The picture could not be drawn');
    return withResolution(new Uint8Array(await blob.arrayBuffer()), pngDotsPerInch);
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** PDF with the font's own outlines; what writes it is loaded when it is first asked for. */
async function figurePdf({ svg, width, height }: Figure): Promise<Uint8Array<ArrayBuffer>> {
  const [{ jsPDF }, { svg2pdf }, { default: interFile }] = await Promise.all([
    import('jspdf'),
    import('svg2pdf.js'),
    import('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf?url'),
  ]);
  const page = new jsPDF({
    unit: 'pt',
    format: [width, height],
    orientation: width > height ? 'landscape' : 'portrait',
    compress: true,
    putOnlyUsedFonts: true,
  });
  const font = await loaded(interFile);
  page.addFileToVFS('Inter.ttf', base64(font));
  // Words are placed by how wide the page sets them: in another face they would end beside their place.
  document.fonts.add(await new FontFace(family, font).load());
  for (const style of ['normal', 'bold']) page.addFont('Inter.ttf', family, style);
  page.setFont(family);
  await svg2pdf(parsed(namedWeights(svg)), page, { x: 0, y: 0, width, height });
  return new Uint8Array(page.output('arraybuffer'));
}

/** Weights by the names under which the PDF knows the font: it would set any other in a face of its own. */
function namedWeights(svg: string): string {
  return svg.replace(
    /font-weight(="|:)([1-9]00)/g,
    (_, sign: string, weight: string) => `font-weight${sign}${Number(weight) >= 500 ? 'bold' : 'normal'}`,
  );
}

/**
 * The drawing as elements. The policy of the page lets no markup bring styles, so they are set through the style objects; the sheet that
 * ECharts adds says what a pointer does, and goes.
 */
function parsed(svg: string): Element {
  const bare = svg.replace(/<style\b[^]*?<\/style>/g, '').replace(/ style="/g, ' data-style="');
  const root = new DOMParser().parseFromString(bare, 'image/svg+xml').documentElement;
  for (const element of root.querySelectorAll<SVGElement>('[data-style]')) {
    element.style.cssText = element.dataset['style']!;
    delete element.dataset['style'];
  }
  return root;
}

async function loaded(address: string): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`The font of figures cannot be loaded: ${answer.status} ${answer.statusText}`);
  return new Uint8Array(await answer.arrayBuffer());
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += 0x8000) text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(text);
}
