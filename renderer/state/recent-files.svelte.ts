/** Folders and files that were opened before: followed while somebody looks, so that what is gone is seen. */
import type { ListedRecent } from '#contract/opening.ts';
import type { Problem } from '#contract/problem.ts';
import { counted } from '#renderer/locales/format.ts';
import { attempt, studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

class RecentFiles {
  #files = $state.raw<readonly ListedRecent[] | undefined>();
  #problem = $state.raw<Problem | undefined>();

  /** Newest first; undefined until they are known. */
  get files(): readonly ListedRecent[] | undefined {
    return this.#files;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Returns the clean-up. */
  follow(): () => void {
    const following = new AbortController();
    this.#problem = undefined;
    const take = ({ files }: { files: readonly ListedRecent[] }) => (this.#files = files);
    void studio.follow('files.recent', {}, take, following.signal, (problem) => (this.#problem = problem));
    return () => following.abort();
  }

  /** Once, for who shows it for a moment. */
  async look(): Promise<readonly ListedRecent[]> {
    const looking = new AbortController();
    const { value } = await attempt(async () => {
      for await (const { files } of studio.stream('files.recent', {}, looking.signal)) return files;
      return [];
    });
    looking.abort();
    return (this.#files = value ?? []);
  }

  async clear(): Promise<void> {
    const files = await this.look();
    if (files.length > 0) await this.forget(files);
  }

  /** Takes them off the list, or all of them; the files stay. */
  async forget(gone: readonly ListedRecent[]): Promise<void> {
    const paths = gone.map(({ path }) => path);
    const forget = () => toasts.tried(() => studio.call('files.forget', { paths }));
    if ((await forget()) === undefined) return;
    toasts.say(
      `Took ${counted(paths.length, 'entry', 'entries')} off the list of what was opened`,
      async () => void (await toasts.tried(() => studio.call('files.restore', { paths }))),
      async () => void (await forget()),
    );
  }
}

export const recentFiles = new RecentFiles();
