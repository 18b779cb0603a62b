import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Sides that still run, to be ended with the benchmark. */
const running = new Set<ChildProcessWithoutNullStreams>();

/** Ends every side at once; for signals and for leaving. */
export function killSides(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** What a side answers; which of the fields depends on the command. */
export interface Answer {
  readonly name?: string;
  readonly threads?: number;
  readonly batches?: number;
  readonly losses?: readonly number[];
  readonly ms?: readonly number[];
  readonly values?: readonly number[];
  readonly mode?: string;
  readonly mb?: number;
  readonly error?: string;
}

/** A long-lived process that is told one command a line and answers each with one line of JSON. It ends when its input does. */
export class Side {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #program: string;
  /** Exit code or signal, once everything it said was read. */
  readonly #over: Promise<number | string>;
  #complaints = '';

  constructor(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#program = [program, ...args].join(' ');
    this.#child = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
    running.add(this.#child);
    this.#over = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => resolve(code ?? signal ?? 1));
      this.#child.once('error', (error) => {
        this.#complaints += error.message;
        resolve(1);
      });
    });
    void this.#over.then(() => running.delete(this.#child));
    // A side that died is found out by the answer that does not come.
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#complaints = (this.#complaints + text).slice(-4000)));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Throws with what the side last complained of where it dies or answers with an error. */
  async ask(command: string): Promise<Answer> {
    this.#child.stdin.write(`${command}\n`);
    const line = await this.#lines.next();
    if (line.done === true) {
      await this.#over;
      throw new Error(`"${command}" was not answered by ${this.#program}: ${this.#complaints.trim()}`);
    }
    const answer = JSON.parse(line.value) as Answer;
    if (answer.error !== undefined) throw new Error(`"${command}" failed in ${this.#program}: ${answer.error}`);
    return answer;
  }

  /** Waits for a side that does one thing by itself and ends. Throws where it failed. */
  async finished(): Promise<void> {
    const code = await this.#over;
    if (code !== 0) throw new Error(`${this.#program} ended with ${code}: ${this.#complaints.trim()}`);
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#over;
  }
}
