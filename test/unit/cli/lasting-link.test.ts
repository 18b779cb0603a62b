import { afterAll, expect, it } from 'vitest';
import { connect, memoryChannels, serve, type Link, type Router } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import { lastingLink } from '#cli/lasting-link.ts';
import { avocet, cleanUp, json, start, temporaryFolder, type PrintedRuns } from './fixture.ts';

afterAll(cleanUp);

/** A link whose other end answers, or ends at the first call. */
function linkTo(asked: string[], answers: boolean): Link {
  const [near, far] = memoryChannels();
  const answer = (name: string) => () => {
    asked.push(name);
    if (answers) return { experiments: [] };
    far.close();
    return new Promise<never>(() => undefined);
  };
  serve(far, { 'experiments.list': answer('list'), 'experiments.freeze': answer('freeze') } as unknown as Router);
  return connect(near);
}

it('a call that an ending owner left unanswered is made again to the next, but not one that must happen once', async () => {
  const asked: string[] = [];
  let opened = 0;
  const open = () => {
    opened++;
    return Promise.resolve(linkTo(asked, true));
  };
  const link = lastingLink(linkTo(asked, false), open);
  expect(await Promise.all([link.call('experiments.list', {}), link.call('experiments.list', {})])).toEqual([
    { experiments: [] },
    { experiments: [] },
  ]);
  expect(opened).toBe(1);
  const once = lastingLink(linkTo(asked, false), open);
  await expect(once.call('experiments.freeze', { id: 'x' })).rejects.toThrow(ProblemError);
  expect(asked.filter((name) => name === 'freeze')).toHaveLength(1);
});

it('commands that look something up, coming and going, end no command that trains', async () => {
  const home = temporaryFolder();
  expect(await avocet(home, 'datasets')).toMatchObject({ code: 0 });
  const training = start(home, 'run', '--dataset', 'demo', '--model', 'bpr', '--epochs', '2', '--json');
  let isOver = false;
  void training.ended.then(() => (isOver = true));
  for (let times = 0; times < 6 && !isOver; times++) await json<PrintedRuns>(home, 'runs');
  const { code, stderr } = await training.ended;
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}, 300_000);
