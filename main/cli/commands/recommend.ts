import type { ListedRun, RankedList, UserLists } from '#contract/recommendation.ts';
import { longestList } from '#contract/recommendation.ts';
import { plainText } from '#contract/plain-text.ts';
import { ProblemError } from '#contract/problem.ts';
import { searchable } from '#contract/searched-text.ts';
import type { Link } from '#contract/link.ts';
import { oneOf, required, text, UsageError, whole, type Command } from '../command.ts';
import { columns } from '../words.ts';

export const recommend: Command = {
  name: 'recommend',
  summary: 'what a finished run recommends to a user, with hits; --against sets a second run beside it',
  usage: '--run R --user U [--against R] [--k 10] [--part test]',
  positionals: { least: 0, most: 0 },
  options: {
    run: { type: 'string', value: 'R', help: 'id of a run that has finished' },
    user: { type: 'string', value: 'U', help: 'id in the source, or the inner number; #12 is the number alone' },
    against: { type: 'string', value: 'R', help: 'a second run over the same dataset' },
    k: { type: 'string', value: 'K', help: `length of the list, at most ${longestList} (default 10)` },
    part: { type: 'string', value: 'P', help: 'held-out items that count as hits: validation or test (default: test where it is shown)' },
  },
  async run(context) {
    const { values } = context;
    const a = required(values, 'run');
    const asked = required(values, 'user');
    const b = text(values, 'against');
    const k = whole(values, 'k', 1) ?? 10;
    if (k > longestList) throw new UsageError(`--k is at most ${longestList}, found ${k}`);
    const part = oneOf(values, 'part', ['validation', 'test']);
    const link = await context.link({ resume: false });
    const pair = { a, ...(b === undefined ? {} : { b }), ...(part === undefined ? {} : { part }) };
    const user = await userOf(link, pair, asked);
    const [lists, { runs }] = await Promise.all([
      link.call('recommendations.lists', { ...pair, user, k }),
      link.call('recommendations.runs', {}),
    ]);
    const name = (id: string) => runs.find((run) => run.id === id);
    if (lists.masked !== undefined) context.note(`${lists.masked} Hits are validation items.`);
    context.print(
      `User ${lists.rawId}${lists.rawId === String(user) ? '' : ` (number ${user})`}: ${lists.history.length} train items, held out in ${lists.part}: ${heldOutWords(lists)}`,
    );
    for (const list of lists.lists) {
      context.print('');
      context.print(`${titleOf(name(list.run), list.run)}: finds ${list.hits} of ${lists.heldOut.length} in its top ${k}`);
      for (const line of tableOf(list, lists)) context.print(line);
    }
    return { json: lists };
  },
};

async function userOf(link: Link, pair: { a: string; b?: string }, asked: string): Promise<number> {
  const { rows } = await link.call('recommendations.users', { ...pair, search: asked, limit: 5 });
  const wanted = asked.trim();
  const alike = rows.filter(({ rawId }) => searchable(rawId) === searchable(wanted));
  const found =
    rows.find(({ rawId }) => rawId === wanted) ??
    rows.find(({ user }) => String(user) === wanted.replace(/^#/, '')) ??
    (alike.length === 1 ? alike[0] : undefined);
  if (found !== undefined) return found.user;
  throw new ProblemError({
    kind: 'config',
    code: 'recommendations.unknown-user',
    message: `No user has the id or number ${asked}`,
    values: { user: asked },
    fix:
      rows.length === 0
        ? 'Give the id as it stands in the source, or the inner number.'
        : `Ids that start so: ${rows.map(({ rawId }) => rawId).join(', ')}.`,
  });
}

function titleOf(run: ListedRun | undefined, id: string): string {
  return run === undefined ? id : `${run.modelTitle} (${run.details}, ${id})`;
}

function heldOutWords({ heldOut, items }: UserLists): string {
  if (heldOut.length === 0) return 'nothing';
  return heldOut.map(({ item }) => titleOfItem(items, item)).join(', ');
}

function titleOfItem(items: UserLists['items'], item: number): string {
  const found = items.find(({ id }) => id === item);
  return found?.title === undefined ? (found?.rawId ?? String(item)) : plainText(found.title);
}

function tableOf(list: RankedList, { items, lists }: UserLists): string[] {
  const isPair = lists.length > 1;
  const rows = list.rows.map(({ item, score, hit, other }, index) => {
    const of = items.find(({ id }) => id === item);
    return [
      String(index + 1),
      of?.rawId ?? String(item),
      [...plainText(of?.title ?? '')].slice(0, 48).join(''),
      String(of?.trainRows ?? ''),
      score === undefined ? '' : score.toPrecision(5),
      hit ? 'hit' : '',
      ...(isPair ? [other === undefined ? 'not in the other' : `${other} in the other`] : []),
    ];
  });
  return columns(['rank', 'item', 'title', 'users', 'score', 'held out', ...(isPair ? ['elsewhere'] : [])], rows);
}
