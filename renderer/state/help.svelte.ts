import type { ModelCard } from '#contract/model-card.ts';
import { modelArticle, definitionsOf } from '#renderer/help/definitions.ts';
import type { Article, Definition, DefinitionSet } from '#renderer/help/article.ts';
import { pageOf } from '#renderer/help/pages.ts';
import { language } from '#renderer/locales/language.svelte.ts';
import { placesOf, type Place } from '#renderer/help/search.ts';
import { programPart } from './program-part.ts';
import { router } from './router.svelte.ts';
import { keyboard } from './shortcuts.svelte.ts';
import { shell } from './shell.svelte.ts';
import { attempt, studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

interface At {
  /** Without one it is the page of the screen, whichever is shown. */
  readonly page?: string | undefined;
  readonly at?: string | undefined;
}

/** The drawer beside a screen, and the library of pages that it shares with the Help screen and the palette. */
class Help {
  #read = $state.raw<Readonly<Record<'en' | 'zh', readonly Article[]>> | undefined>();
  #cards = $state.raw<readonly ModelCard[]>([]);
  #open = $state.raw<At | undefined>();
  #before = $state.raw<readonly At[]>([]);

  /** Pages that were written, as they are listed, in the language of the page. */
  readonly written: readonly Article[] = $derived(this.#read?.[language.current === 'zh' ? 'zh' : 'en'] ?? []);
  /** Those, then one for each model. */
  readonly pages: readonly Article[] = $derived([...this.written, ...this.#cards.map(modelArticle)]);
  readonly places: readonly Place[] = $derived(placesOf(this.pages, (set) => this.definitions(set)));

  get isLoaded(): boolean {
    return this.#read !== undefined;
  }

  get open(): { readonly page: string; readonly at: string | undefined } | undefined {
    return this.#open === undefined ? undefined : { page: this.#open.page ?? pageOf(router.route), at: this.#open.at };
  }

  /** The page goes with the screen; one that was searched for, followed to or kept stays. */
  get isFollowing(): boolean {
    return this.#open !== undefined && this.#open.page === undefined;
  }

  /** Keeps the page that is shown, or lets the screen choose again. */
  follow(follows: boolean): void {
    if (this.open !== undefined) this.#open = follows ? {} : this.open;
  }

  get canGoBack(): boolean {
    return this.#before.length > 0;
  }

  card(page: string): ModelCard | undefined {
    return this.#cards.find((card) => `model-${card.id}` === page);
  }

  article(page: string): Article | undefined {
    return this.pages.find(({ id }) => id === page);
  }

  definitions(set: DefinitionSet): readonly Definition[] {
    return definitionsOf(set, { cards: this.#cards, bindings: keyboard.bindings });
  }

  /** The models, for all that search them. */
  get cards(): readonly ModelCard[] {
    return this.#cards;
  }

  /** Reads the pages, once, and the models' cards anew: one's own may have changed. */
  async load(): Promise<void> {
    const [pages, cards] = await Promise.all([
      attempt(() => programPart(() => import('#renderer/help/articles.ts'))),
      attempt(() => studio.call('models.list', {})),
    ]);
    if (pages.problem !== undefined) toasts.fail(pages.problem);
    else this.#read = pages.value.articles;
    if (cards.value !== undefined) this.#cards = cards.value.models;
  }

  /** Opens the page of the screen beside it, or the one named; from the Help screen it goes there. */
  show(page?: string, at?: string): void {
    shell.isPaletteOpen = false;
    void this.load();
    if (router.route.screen === 'help') return router.go('help', page ?? pageOf(router.route), { at });
    if (this.#open !== undefined && this.#open.page !== page) this.#before = [...this.#before.slice(-30), this.#open];
    this.#open = { page, at };
  }

  toggle(): void {
    if (this.open === undefined || this.open.page !== pageOf(router.route)) this.show();
    else this.close();
  }

  back(): void {
    const last = this.#before[this.#before.length - 1];
    if (last === undefined) return;
    this.#before = this.#before.slice(0, -1);
    this.#open = last;
  }

  close(): void {
    this.#open = undefined;
    this.#before = [];
  }
}

export const help = new Help();
