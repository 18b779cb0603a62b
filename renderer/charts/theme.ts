/** Colours a chart needs, read from the tokens of theme.css so that there is one place for them. */
export interface ChartTheme {
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly surface: string;
  readonly paper: string;
  readonly accent: string;
  readonly mark: string;
  readonly markWash: string;
  readonly done: string;
  readonly controlLine: string;
  readonly warn: string;
  readonly bad: string;
  readonly font: string;
  /** Colours of model slots 1 … 12 at index 0 … 11. */
  readonly series: readonly string[];
}

/** Reads the theme in force at an element. */
export function readTheme(element: Element): ChartTheme {
  const style = getComputedStyle(element);
  return themeOf((name) => style.getPropertyValue(name).trim());
}

/** The theme whose tokens `token` answers. */
export function themeOf(token: (name: string) => string): ChartTheme {
  return {
    ink: token('--ink'),
    ink2: token('--ink-2'),
    ink3: token('--ink-3'),
    line: token('--line'),
    lineStrong: token('--line-strong'),
    surface: token('--surface'),
    paper: token('--paper'),
    accent: token('--accent'),
    mark: token('--mark'),
    markWash: token('--mark-wash'),
    done: token('--done'),
    controlLine: token('--control-line'),
    warn: token('--warn'),
    bad: token('--bad'),
    font: token('--font'),
    series: Array.from({ length: 12 }, (_, index) => token(`--series-${index + 1}`)),
  };
}
