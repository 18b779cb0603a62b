import type { Item } from '#contract/dataset.ts';
import { toProblem, type Problem } from '#contract/problem.ts';
import type { InputOf } from '#contract/procedures.ts';
import type { ListedRun, UserLine, UsersPage } from '#contract/recommendation.ts';
import { partnerOf } from './recommendation-words.ts';
import { router } from './router.svelte.ts';
import { studio } from './studio.svelte.ts';

type UsersQuery = InputOf<'recommendations.users'>;

const pageLength = 50;
const askAfterMs = 120;

/** What the screen is about (runs, user, item: in the address) and the list of users with its filters (here). */
export class RecommendationsView {
  runs = $state.raw<readonly ListedRun[] | undefined>();
  runsProblem = $state.raw<Problem | undefined>();
  filter = $state<NonNullable<UsersQuery['filter']>>('all');
  order = $state<NonNullable<UsersQuery['order']>>('number');
  /** What wins are measured by, at k. */
  metric = $state<NonNullable<UsersQuery['metric']>>('recall');
  segment = $state('');
  seed = $state(7);
  search = $state('');
  page = $state.raw<UsersPage | undefined>();
  rows = $state.raw<readonly UserLine[]>([]);
  items = $state.raw<readonly Item[]>([]);
  problem = $state.raw<Problem | undefined>();
  isLoading = $state(false);
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What Enter has asked for and is under way: typing asked for it too, and would ask again later. */
  #entered: UsersQuery | undefined;

  readonly a: ListedRun | undefined = $derived.by(() => {
    const asked = router.route.query['a'];
    return asked === undefined ? this.runs?.[0] : this.runs?.find(({ id }) => id === asked);
  });
  /** "none" in the address: A alone. */
  readonly b: ListedRun | undefined = $derived.by(() => {
    const asked = router.route.query['b'];
    if (this.a === undefined || asked === 'none') return undefined;
    const found = this.runs?.find(({ id }) => id === asked);
    return found?.dataset === this.a.dataset && found.id !== this.a.id ? found : partnerOf(this.a, this.runs ?? []);
  });
  /** Asked for by an address, but not among the runs with lists. */
  readonly missing: string | undefined = $derived(
    this.runs !== undefined && this.runs.length > 0 && this.a === undefined ? router.route.query['a'] : undefined,
  );
  readonly k: 5 | 10 | 20 | 50 = $derived(([5, 10, 20, 50] as const).find((k) => String(k) === router.route.query['k']) ?? 10);
  readonly part: 'auto' | 'validation' | 'test' = $derived.by(() => {
    const asked = router.route.query['part'];
    return asked === 'validation' || asked === 'test' ? asked : 'auto';
  });
  readonly pair: { a: string; b?: string; part: 'auto' | 'validation' | 'test' } | undefined = $derived(
    this.a === undefined ? undefined : { a: this.a.id, ...(this.b === undefined ? {} : { b: this.b.id }), part: this.part },
  );
  /** In the address, else the first of the list. */
  readonly user: number | undefined = $derived.by(() => {
    const asked = Number(router.route.query['user'] ?? NaN);
    return Number.isInteger(asked) && asked >= 0 ? asked : this.rows[0]?.user;
  });
  readonly item: number | undefined = $derived.by(() => {
    const asked = Number(router.route.query['item'] ?? NaN);
    return Number.isInteger(asked) && asked >= 0 ? asked : undefined;
  });
  readonly query: UsersQuery | undefined = $derived(
    this.pair === undefined
      ? undefined
      : {
          ...this.pair,
          k: this.k,
          metric: this.metric,
          filter: this.filter,
          order: this.order,
          seed: this.seed,
          segments: this.segment === '' ? [] : [this.segment],
          search: this.search,
          limit: pageLength,
        },
  );

  /** What the list of users is filtered and ordered by. */
  get choices(): Pick<RecommendationsView, 'filter' | 'order' | 'metric' | 'segment' | 'seed' | 'search'> {
    const { filter, order, metric, segment, seed, search } = this;
    return { filter, order, metric, segment, seed, search };
  }

  async loadRuns(): Promise<void> {
    try {
      this.runs = (await studio.call('recommendations.runs', {})).runs;
      this.runsProblem = undefined;
    } catch (error) {
      this.runsProblem = toProblem(error);
    }
  }

  /** Reads the first page; while somebody types, once they pause. */
  load(): () => void {
    clearTimeout(this.#timer);
    const { query, a, search } = this;
    if (query === undefined || a === undefined || query === this.#entered) return () => undefined;
    const mine = ++this.#turn;
    this.isLoading = true;
    this.#timer = setTimeout(() => void this.#read(query, a.dataset, mine), search === '' ? 0 : askAfterMs);
    return () => clearTimeout(this.#timer);
  }

  async #read(query: UsersQuery, dataset: string, mine: number): Promise<void> {
    const words = query.search?.trim() ?? '';
    try {
      const [page, found] = await Promise.all([
        studio.call('recommendations.users', query),
        words === '' || words.startsWith('#') ? undefined : studio.call('datasets.items', { dataset, search: words, limit: 6 }),
      ]);
      if (mine !== this.#turn) return;
      this.page = page;
      this.rows = page.rows;
      this.items = found?.items ?? [];
      this.problem = undefined;
    } catch (error) {
      if (mine !== this.#turn) return;
      this.problem = toProblem(error);
      this.page = undefined;
      this.rows = [];
    }
    this.isLoading = false;
  }

  /** Looks at the first that is found, at once: what was typed last is asked for without the pause. */
  async enter(): Promise<void> {
    clearTimeout(this.#timer);
    const { query, a } = this;
    if (query === undefined || a === undefined) return;
    const mine = ++this.#turn;
    this.#entered = query;
    await this.#read(query, a.dataset, mine);
    this.#entered = undefined;
    const [first] = this.rows;
    if (mine === this.#turn && first !== undefined) this.choose(first.user);
  }

  async more(): Promise<void> {
    const { query } = this;
    const mine = this.#turn;
    if (query === undefined || this.rows.length >= (this.page?.total ?? 0)) return;
    const page = await studio.call('recommendations.users', { ...query, offset: this.rows.length }).catch(() => undefined);
    if (mine === this.#turn && page !== undefined) this.rows = [...this.rows, ...page.rows];
  }

  choose(user: number): void {
    router.replaceQuery({ user: String(user) });
  }

  /** The first of the list is looked at next. */
  forgetUser(): void {
    router.replaceQuery({ user: undefined });
  }

  chooseItem(item: number | undefined): void {
    router.replaceQuery({ item: item === undefined ? undefined : String(item) });
  }

  /** The user so many places on in the list; reads on before its end. */
  async step(by: number): Promise<void> {
    const at = this.rows.findIndex(({ user }) => user === this.user);
    const to = at < 0 ? 0 : at + by;
    if (to >= this.rows.length) await this.more();
    const next = this.rows[Math.max(0, Math.min(to, this.rows.length - 1))];
    if (next !== undefined) this.choose(next.user);
  }
}
