const context = document.createElement('canvas').getContext('2d')!;

/** How wide the page sets a text, px; `font` as CSS writes it. Of a font that has not come yet it is the width in what stands for it. */
export function textWidth(text: string, font: string): number {
  context.font = font;
  return context.measureText(text).width;
}
