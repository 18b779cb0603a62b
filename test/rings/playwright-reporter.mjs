import { writeFileSync } from 'node:fs';
import process from 'node:process';

/** The same file as vitest-reporter.mjs writes, for the rings that Playwright drives. */
export default class RingReporter {
  #results = new Map();
  #errors = [];

  onTestEnd(test, result) {
    const state = { passed: 'passed', skipped: 'skipped' }[result.status] ?? 'failed';
    const reason = [...test.annotations, ...(result.annotations ?? [])].find(
      ({ type }) => type === 'skip' || type === 'fixme',
    )?.description;
    // A retried test counts once, as its last attempt ended.
    this.#results.set(test.id, { name: test.titlePath().filter(Boolean).join(' › '), state, reason });
  }

  onError(error) {
    this.#errors.push({ name: `error outside a test: ${error.message ?? error.value}`, state: 'failed' });
  }

  onEnd() {
    const file = process.env.AVOCET_RING_RESULTS;
    if (file) writeFileSync(file, JSON.stringify([...this.#results.values(), ...this.#errors]));
  }

  printsToStdio() {
    return false;
  }
}
