/** What procedures are made of: calls with one answer, streams, and the inputs and outputs that many share. */
import * as v from 'valibot';

export const nothing = v.object({});
export const done = v.object({ ok: v.literal(true) });
export const id = v.object({ id: v.string() });
export const ids = v.object({ ids: v.array(v.string()) });

export function call<I extends v.GenericSchema, O extends v.GenericSchema>(input: I, output: O) {
  return { kind: 'call' as const, input, output };
}
export function stream<I extends v.GenericSchema, O extends v.GenericSchema>(input: I, output: O) {
  return { kind: 'stream' as const, input, output };
}
