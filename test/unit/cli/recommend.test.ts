import { expect, it } from 'vitest';
import type { Link } from '#contract/link.ts';
import type { UserLists } from '#contract/recommendation.ts';
import { recommend } from '#cli/commands/recommend.ts';

const item = { id: 0, rawId: 'B01', trainRows: 4, segment: 'head', missing: [], title: 'Tom &amp; Jerry&#39;s caf&eacute;' };
const lists: UserLists = {
  part: 'validation',
  user: 3,
  rawId: 'José',
  k: 10,
  history: [],
  hasTimes: false,
  heldOut: [{ item: 0, ranks: [1] }],
  lists: [{ run: 'run-a', hits: 1, heldOut: [0], rows: [{ item: 0, hit: true }] }],
  items: [item],
} as unknown as UserLists;

/** What the command prints for a user of a studio that has one. */
async function printed(user: string): Promise<string> {
  const lines: string[] = [];
  const answers: Readonly<Record<string, unknown>> = {
    'recommendations.users': { rows: ['José', 'Josephine'].map((rawId, at) => ({ user: 3 + at, rawId })) },
    'recommendations.lists': lists,
    'recommendations.runs': { runs: [] },
  };
  const link = { call: (name: string) => Promise.resolve(answers[name]) } as unknown as Link;
  await recommend.run({
    values: { run: 'run-a', user },
    link: () => Promise.resolve(link),
    print: (line: string) => void lines.push(line),
    note: () => undefined,
  } as unknown as Parameters<typeof recommend.run>[0]);
  return lines.join('\n');
}

it('prints titles as they read, not as they are stored', async () => {
  const words = await printed('José');
  expect(words).toContain("held out in validation: Tom & Jerry's café\n");
  expect(words).toMatch(/1 +B01 +Tom & Jerry's café +4/);
});

it('takes an id without its accents, and refuses one that several begin with', async () => {
  expect(await printed('jose')).toContain('User José');
  expect(await printed('Jose\u0301')).toContain('User José');
  await expect(printed('jos')).rejects.toThrow('No user has the id or number jos');
});
