/**
 * The command line: the same studio and store as the window. stdout carries results (with --json one JSON value and nothing
 * else), stderr progress and errors. Exit codes: 0 done, 1 a problem, 2 wrong use.
 */
import { fstatSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Link } from '#contract/link.ts';
import { ProblemError, toProblem } from '#contract/problem.ts';
import { serveBrowser } from '#server/index.ts';
import { chooseHome } from '#studio/home.ts';
import { forkSpawn } from '#studio/spawn.ts';
import { openStudio, type Studio } from '#studio/studio.ts';
import { globalOptions, leadingCommand, parse, usageOf } from './arguments.ts';
import { text, UsageError, type Command, type Context, type Outcome } from './command.ts';
import { bundle } from './commands/bundle.ts';
import { compare } from './commands/compare.ts';
import { datasets } from './commands/datasets.ts';
import { demo } from './commands/demo.ts';
import { diagnostics } from './commands/diagnostics.ts';
import { doctor } from './commands/doctor.ts';
import { experiments } from './commands/experiments.ts';
import { freeze } from './commands/freeze.ts';
import { importCommand } from './commands/import.ts';
import { importLogs } from './commands/import-logs.ts';
import { importRun } from './commands/import-run.ts';
import { model } from './commands/model.ts';
import { models } from './commands/models.ts';
import { recommend } from './commands/recommend.ts';
import { ownCommand } from './commands/own-command.ts';
import { reproduce } from './commands/reproduce.ts';
import { resume } from './commands/resume.ts';
import { run } from './commands/run.ts';
import { runs } from './commands/runs.ts';
import { serveCommand } from './commands/serve.ts';
import { show } from './commands/show.ts';
import { storage } from './commands/storage.ts';
import { split } from './commands/split.ts';
import { sweep } from './commands/sweep.ts';
import { table } from './commands/table.ts';
import { verify } from './commands/verify.ts';
import { verifyRun } from './commands/verify-run.ts';
import { unknownKey } from '#studio/nearest.ts';
import { helpText } from './help.ts';
import { lastingLink } from './lasting-link.ts';
import { visible, visibleJson, visibleLines } from './terminal-text.ts';
import { problemLines } from './words.ts';

const workerEntry = fileURLToPath(new URL('../worker/process.ts', import.meta.url));
const pages = fileURLToPath(new URL('../../out/renderer', import.meta.url));

/** Ctrl+C in a terminal reaches every program that started this one, and each hands it on: signals that come together are one. */
const sameInterruptMs = 1000;

/** Opens at most one studio per process and closes it at the end. */
class Front {
  #studio: Promise<Studio> | undefined;
  #closing: Promise<void> | undefined;
  readonly #home: string;
  readonly #note: (line: string) => void;

  constructor(home: string, note: (line: string) => void) {
    this.#home = home;
    this.#note = note;
  }

  open(resumes: boolean, measures = false, safe = false): Promise<Studio> {
    this.#studio ??= openStudio({
      measures,
      safe,
      home: this.#home,
      spawn: forkSpawn(workerEntry),
      resume: resumes,
      host: { capabilities: { shell: 'browser', nativeDialogs: false, revealInFolder: false, platform: process.platform } },
      onNotice: this.#note,
    });
    return this.#studio;
  }

  async link(resumes: boolean): Promise<Link> {
    const studio = await this.open(resumes);
    return lastingLink(studio.link(), () => Promise.resolve(studio.link()));
  }

  /** Whoever asks, all wait for the one closing. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      const studio = await this.#studio?.catch(() => undefined);
      await studio?.close();
    })();
    return this.#closing;
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const isJson = argv.includes('--json');
  let isProgressOpen = false;
  const clear = () => {
    if (isProgressOpen) process.stderr.write('\r\u001b[K');
    isProgressOpen = false;
  };
  const note = (line: string) => {
    clear();
    process.stderr.write(`${visible(line)}\n`);
  };
  const answer = (json: unknown) => {
    if (isJson) process.stdout.write(`${visibleJson(JSON.stringify(json, null, 2))}\n`);
  };
  let lastProgress = 0;
  const progress = (line: string) => {
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\u001b[K${visible(line).slice(0, Math.max(20, (process.stderr.columns ?? 80) - 1))}`);
      isProgressOpen = true;
    } else if (Date.now() - lastProgress > 10_000) {
      // Into a file or a log: a line now and then, not a line per update.
      lastProgress = Date.now();
      process.stderr.write(`${visible(line)}\n`);
    }
  };

  let front: Front | undefined;
  let isInterrupted = false;
  let interruption: AbortController | undefined;
  const commands: readonly Command[] = [
    doctor,
    storage,
    diagnostics,
    models,
    model,
    datasets,
    importCommand,
    split,
    run,
    importRun,
    importLogs,
    ownCommand,
    sweep,
    runs,
    show,
    experiments,
    resume,
    freeze,
    table,
    compare,
    bundle,
    verify,
    verifyRun,
    recommend,
    demo,
    reproduce,
    serveCommand(async (request, context) => {
      const studio = await front!.open(true, true, request.isSafe);
      for (const change of request.slots) await studio.link().call('queue.lane', change);
      const server = await serveBrowser({ studio, port: request.port, pages, onLine: note, open: request.opensBrowser });
      if (!isSamePlace()) context.print(server.address);
      const { address, port, token } = server;
      context.answer({ address, port, token, pid: process.pid, home: context.home });
      await new Promise<void>((resolve) => {
        process.once('SIGINT', () => resolve());
        process.once('SIGTERM', () => resolve());
      });
      await server.close();
      return {};
    }),
  ];

  try {
    const [name, ...rest] = leadingCommand(argv);
    if (name === undefined || name === 'help') {
      const isAsked = name !== undefined || argv.includes('--help');
      (isAsked ? process.stdout : process.stderr).write(helpText(commands, globalOptions));
      return isAsked ? 0 : 2;
    }
    const command = commands.find((entry) => entry.name === name);
    if (command === undefined)
      throw new UsageError(
        unknownKey(
          name,
          commands.map((entry) => entry.name),
          'commands',
        ),
      );
    const { values, positionals } = parse(command, rest);
    if (values['help'] === true) {
      process.stdout.write(helpText([command], globalOptions));
      return 0;
    }
    if (positionals.length < command.positionals.least || positionals.length > command.positionals.most) {
      throw new UsageError(usageOf(command));
    }
    const asked = text(values, 'home');
    const usual = chooseHome(asked, process.env, process.platform);
    const home = asked === undefined && command.ownFolder !== undefined ? join(usual, command.ownFolder) : usual;
    const opened = new Front(home, note);
    front = opened;
    const context: Context = {
      home,
      values,
      positionals,
      isJson,
      link: ({ resume: resumes }) => opened.link(resumes),
      print: (line) => {
        clear();
        if (!isJson) process.stdout.write(`${visible(line)}\n`);
      },
      answer,
      note,
      progress,
      write: (text) => {
        clear();
        if (!isJson) process.stdout.write(process.stdout.isTTY ? visibleLines(text) : text);
      },
      interruptible: () => (interruption ??= new AbortController()).signal,
    };
    if (command.name !== 'serve') {
      let firstAt: number | undefined;
      process.on('SIGINT', () => {
        if (firstAt !== undefined && Date.now() - firstAt < sameInterruptMs) return;
        const isFirst = firstAt === undefined;
        firstAt ??= Date.now();
        isInterrupted = true;
        if (isFirst && interruption !== undefined) {
          interruption.abort();
          return;
        }
        note('interrupted');
        void opened.close().finally(() => process.exit(130));
      });
    }
    const outcome: Outcome = await command.run(context);
    clear();
    await opened.close();
    if (outcome.json !== undefined) answer(outcome.json);
    return isInterrupted ? 130 : (outcome.exitCode ?? 0);
  } catch (error) {
    clear();
    await front?.close();
    // The studio was closed under the command: what it says of that is no problem of its own.
    if (isInterrupted) return 130;
    if (error instanceof UsageError) {
      note(`avocet: ${error.message}`);
      return 2;
    }
    const problem = toProblem(error);
    for (const line of problemLines(problem)) note(line);
    if (!(error instanceof ProblemError) && problem.detail !== undefined) problem.detail.split('\n').forEach(note);
    return 1;
  }
}

/** Whether both streams go to the same terminal or file, where an address would stand twice. */
function isSamePlace(): boolean {
  const [out, error] = [fstatSync(1), fstatSync(2)];
  return out.dev === error.dev && out.ino === error.ino;
}

// Whoever reads through `head` may leave before the end: the rest goes nowhere, and what the command does goes on.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

void main(process.argv.slice(2)).then((code) => {
  // Written output first: a pipe takes it asynchronously, and an exit would cut it off.
  process.stdout.write('', () => process.exit(code));
});
