import { faultsAround, wrongWords } from '#renderer/components/field-faults.svelte.ts';
import { newExperiment } from '#renderer/state/new-experiment.svelte.ts';

/**
 * What is typed wrongly anywhere in the form, in words. A wrong field leaves the last legal value in force, so nothing that acts on the form
 * (start, command, file, template, trial of the memory) does so before it is put right. Called while a component is made.
 */
export function formFault(): { readonly words: string | undefined } {
  const fields = faultsAround();
  return {
    get words() {
      const { wrongSetting } = newExperiment;
      return wrongSetting === undefined ? fields?.first : wrongWords(wrongSetting);
    },
  };
}
