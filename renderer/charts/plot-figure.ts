/**
 * Charts that are components as figures: mounted off screen in the light theme at the width of a column, and taken with the styles they compute.
 * So a figure is drawn by what draws the screen, whatever theme that is in.
 */
import { mount, unmount, type Component } from 'svelte';
import { inEnglish } from '#renderer/locales/language.svelte.ts';
import type { ChartSize } from './echart.svelte.ts';
import { columnWidths, paperTokens, unitsPerPoint, type Figure } from './figure.ts';

/** Puts the chart into an element at a size, with one svg in it; returns how to take it away. */
export type Plot = (target: HTMLElement, size: ChartSize) => () => void;

export function plot<Props extends Record<string, unknown>>(component: Component<Props>, props: (size: ChartSize) => Props): Plot {
  return (target, size) => {
    const made = mount(component, { target, props: props(size) });
    return () => void unmount(made);
  };
}

/** Draws a plot as a figure as wide as its columns; a plot that decides its own height keeps it. */
export function plotFigure(draw: Plot, columns: keyof typeof columnWidths, aspect: number): Figure {
  const width = columnWidths[columns];
  const size = { width: Math.round(width * unitsPerPoint), height: Math.round(width * aspect * unitsPerPoint) };
  const stage = document.createElement('div');
  stage.setAttribute('aria-hidden', 'true');
  stage.style.cssText = `position:fixed;left:-20000px;top:0;width:${size.width}px;background:#ffffff`;
  for (const [name, value] of paperTokens()) stage.style.setProperty(name, value);
  document.body.append(stage);
  const leave = inEnglish(() => draw(stage, size));
  try {
    const drawn = stage.querySelector('svg');
    if (drawn === null) throw new Error('There is nothing to draw');
    const [wide, high] = [Number(drawn.getAttribute('width')), Number(drawn.getAttribute('height'))];
    const height = Math.round((high / wide) * width);
    return { svg: plainSvg(drawn, { width, height, wide, high }), width, height };
  } finally {
    leave();
    stage.remove();
  }
}

interface Measures {
  readonly width: number;
  readonly height: number;
  readonly wide: number;
  readonly high: number;
}

/** What a drawing looks like, as attributes: programs outside know neither our classes nor our tokens. */
const properties = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray', 'opacity'] as const;
const textProperties = ['font-size', 'font-weight', 'text-anchor'] as const;

function plainSvg(drawn: SVGSVGElement, { width, height, wide, high }: Measures): string {
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  const originals = [...drawn.querySelectorAll<SVGElement>('*')];
  for (const [at, element] of [...copy.querySelectorAll<SVGElement>('*')].entries()) {
    // What is there for hands and readers of the screen is no part of a figure.
    if (element.dataset['screen'] !== undefined || element.tagName === 'title') element.remove();
    else {
      const style = getComputedStyle(originals[at]!);
      inline(element, style);
      if (style.paintOrder.startsWith('stroke')) element.before(haloOf(element, style));
    }
  }
  for (const name of copy.getAttributeNames()) copy.removeAttribute(name);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', `${width}pt`);
  copy.setAttribute('height', `${height}pt`);
  copy.setAttribute('viewBox', `0 0 ${wide} ${high}`);
  copy.setAttribute('font-family', 'Inter');
  return new XMLSerializer().serializeToString(copy).replace(/<!--[^]*?-->/g, '');
}

function inline(element: SVGElement, style: CSSStyleDeclaration): void {
  for (const name of element.getAttributeNames())
    if (name === 'class' || name === 'style' || name.startsWith('aria-') || name.startsWith('on') || name === 'role' || name === 'tabindex')
      element.removeAttribute(name);
  if (element.tagName === 'g') return;
  const isText = element.tagName === 'text' || element.tagName === 'tspan';
  for (const name of properties) {
    const value = style.getPropertyValue(name);
    if (isText && name.startsWith('stroke')) continue;
    if (value !== '' && value !== usual[name]) element.setAttribute(name, value.replaceAll('px', ''));
    else element.removeAttribute(name);
  }
  if (isText) for (const name of textProperties) element.setAttribute(name, style.getPropertyValue(name).replaceAll('px', ''));
}

/** The halo that keeps words readable over lines, as words of its own below them: not every program knows a paint order. */
function haloOf(element: SVGElement, style: CSSStyleDeclaration): SVGElement {
  const halo = element.cloneNode(true) as SVGElement;
  for (const name of ['fill', 'stroke'] as const) halo.setAttribute(name, '#ffffff');
  halo.setAttribute('stroke-width', style.strokeWidth.replace('px', ''));
  halo.setAttribute('stroke-linejoin', 'round');
  return halo;
}

/** What a drawing is without the attribute; black fill is said, since tokens are near it. */
const usual: Readonly<Record<string, string>> = {
  'fill-opacity': '1',
  stroke: 'none',
  'stroke-width': '1px',
  'stroke-opacity': '1',
  'stroke-dasharray': 'none',
  opacity: '1',
};
