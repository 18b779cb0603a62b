import { writeFileSync } from 'node:fs';
import process from 'node:process';

/** Writes what test/run.mjs adds up: one { name, state, reason? } a test, to the file named in AVOCET_RING_RESULTS. */
export default class RingReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const results = [];
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        const { state, note } = test.result();
        results.push({ name: `${module.relativeModuleId ?? module.moduleId} › ${test.fullName}`, state, reason: note });
      }
      // A file that fails to load has no tests to fail, and a failing hook fails none of its own.
      const broken = module.errors().length > 0 || [...module.children.allSuites()].some((suite) => suite.errors().length > 0);
      if (broken) results.push({ name: module.relativeModuleId ?? module.moduleId, state: 'failed' });
    }
    for (const error of unhandledErrors) results.push({ name: `unhandled: ${error.message}`, state: 'failed' });
    if (process.env.AVOCET_RING_RESULTS) writeFileSync(process.env.AVOCET_RING_RESULTS, JSON.stringify(results));
  }
}
