/** Theme, density and motion of the window: written to the root element, remembered in Settings by the settings page. */
export type Theme = 'system' | 'light' | 'dark';
export type Density = 'compact' | 'comfortable';

/** Px of a table row, as `--row` in theme.css: a table that draws only what is in view must count with it. */
export const rowHeights: Readonly<Record<Density, number>> = { compact: 28, comfortable: 36 };

class Appearance {
  #theme = $state<Theme>('system');
  #density = $state<Density>('compact');
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

  get density(): Density {
    return this.#density;
  }

  /** What is drawn now. */
  get resolved(): 'light' | 'dark' {
    return this.#theme === 'system' ? (this.#systemDark ? 'dark' : 'light') : this.#theme;
  }

  apply(change: { theme?: Theme; density?: Density }): void {
    this.#theme = change.theme ?? this.#theme;
    this.#density = change.density ?? this.#density;
    document.documentElement.dataset['theme'] = this.#theme;
    document.documentElement.dataset['density'] = this.#density;
  }
}

export const appearance = new Appearance();
