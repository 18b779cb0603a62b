/** Inter's middle above its baseline, (ascent − descent) / 2, in parts of its size. */
const middle = 0.364;

/**
 * Words that a drawing centres on a line, set on their baseline instead: many readers of SVG, and what writes the PDF, do not know
 * `dominant-baseline` and would set them too high. Pure.
 */
export function onBaseline(svg: string): string {
  return svg.replace(/<text dominant-baseline="central"([^>]*)>/g, (whole, rest: string) => {
    const size = /font(?:-size)?:[^;"]*?([\d.]+)px|font-size="([\d.]+)/.exec(rest);
    if (size === null) return whole;
    const drop = middle * Number(size[1] ?? size[2]);
    const y = / y="(-?[\d.]+)"/.exec(rest);
    const placed = ` y="${Number((Number(y?.[1] ?? 0) + drop).toFixed(3))}"`;
    return `<text${y === null ? `${placed}${rest}` : rest.replace(y[0], placed)}>`;
  });
}
