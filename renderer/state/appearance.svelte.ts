/** Theme, colours of models, density and motion of the window: written to the root element, remembered in Settings by the settings page. */
export type Theme = 'system' | 'light' | 'dark';
/** `distinct`: twelve colours of models that any kind of colour vision tells apart. */
export type Palette = 'standard' | 'distinct';
export type Density = 'compact' | 'comfortable';
/** `system` follows what the system asks for; `none` moves nothing. */
export type Motion = 'system' | 'none';

/** Px of a table row, as `--row` in theme.css: a table that draws only what is in view must count with it. */
export const rowHeights: Readonly<Record<Density, number>> = { compact: 28, comfortable: 36 };

class Appearance {
  #theme = $state<Theme>('system');
  #palette = $state<Palette>('standard');
  #density = $state<Density>('compact');
  #motion = $state<Motion>('system');
  #systemDark = $state(false);

  constructor() {
    if (typeof window === 'undefined') return;
    const media = window.matchMedia('(prefers-color-scheme: dark)');
    this.#systemDark = media.matches;
    media.addEventListener('change', (event) => (this.#systemDark = event.matches));
  }

  get theme(): Theme {
    return this.#theme;
  }

  get palette(): Palette {
    return this.#palette;
  }

  get density(): Density {
    return this.#density;
  }

  /** What is drawn now. */
  get resolved(): 'light' | 'dark' {
    return this.#theme === 'system' ? (this.#systemDark ? 'dark' : 'light') : this.#theme;
  }

  apply(change: { theme?: Theme; palette?: Palette; density?: Density; motion?: Motion }): void {
    this.#theme = change.theme ?? this.#theme;
    this.#palette = change.palette ?? this.#palette;
    this.#density = change.density ?? this.#density;
    if (change.motion !== undefined) this.#motion = change.motion;
    document.documentElement.dataset['motion'] = this.#motion;
    document.documentElement.dataset['theme'] = this.#theme;
    document.documentElement.dataset['palette'] = this.#palette;
    document.documentElement.dataset['density'] = this.#density;
  }
}

export const appearance = new Appearance();
