import { describe, expect, it } from 'vitest';
import { compileFile } from '#renderer/locales/build/plugin.ts';

const keys = (path: string, source: string) => compileFile(path, source).messages.map(({ key }) => key);
const script = (source: string) => keys('renderer/state/probe.ts', source);
const component = (source: string) => keys('renderer/pages/Probe.svelte', source);

describe('the words of a script', () => {
  it('are sentences, labels and capitalised words, whole with the places of their values', () => {
    expect(script('export const text = (n: number, name: string) => `${n} runs of ${name}`;')).toEqual(['{0} runs of {1}']);
    expect(script("toasts.say('View saved');")).toEqual(['View saved']);
    expect(script("const options = [{ value: 'all', label: 'all' }];")).toEqual(['all']);
    expect(script("const title = isOpen ? 'Close' : 'Open';")).toEqual(['Close', 'Open']);
    expect(script("const said = `${part === 'test' ? 'Test' : 'Validation'} of ${name}`;")).toEqual(['{0} of {1}', 'Test', 'Validation']);
  });

  it('are not names the program compares, calls or keys by', () => {
    expect(script("if (state === 'Some words here') go('queue');")).toEqual([]);
    expect(script("void studio.call('Settings get', {}); addEventListener('key down', go);")).toEqual([]);
    expect(script("switch (key) { case 'Two words': go(); }")).toEqual([]);
    expect(script("const keys = ['Enter', 'ArrowDown', 'KeyK'];")).toEqual([]);
    expect(script("import { a } from 'Some words'; type A = 'Two words'; const b = c['Two words'];")).toEqual([]);
    expect(script("const style = 'grid minmax(0, 1fr)'; const box = `0 0 ${width} ${height}`;")).toEqual([]);
  });

  it('of a file of words may be single and small, but not its kinds and keys', () => {
    const source = "export const words = { none: 'none', kind: 'alert', states: { done: 'done' } };";
    expect(keys('renderer/locales/en-probe.ts', source)).toEqual(['none', 'done']);
    expect(script(source)).toEqual(['none', 'done']);
    expect(script(source.replace('words', 'table'))).toEqual([]);
  });

  it('that count something are known by their plural', () => {
    expect(script("const text = counted(n, 'run'); const more = counted(n, 'entry', 'entries');")).toEqual(['{0} runs', '{0} entries']);
    expect(script("const text = counted(n, isUser ? 'user' : 'run');")).toEqual(['{0} users', '{0} runs']);
  });

  it('tagged by hand are taken as they are', () => {
    expect(script('const text = t`validation`;')).toEqual(['validation']);
  });

  it('at the top of a module are made again with the language', () => {
    const { code } = compileFile('renderer/state/probe.ts', "export const labels: Readonly<Labels> = { a: 'First one' } as const;");
    expect(code).toContain('export let labels: Readonly<Labels>; _again(() => { labels = { a: _t`First one` } as const; });');
    expect(compileFile('renderer/state/probe.ts', "export const say = () => 'Said later';").code).toContain(
      'export const say = () => _t`Said later`',
    );
  });
});

describe('the words of markup', () => {
  it('are text with its expressions, one message', () => {
    expect(component('<p>\n  {count(n)} of\n  {all} runs\n</p>')).toEqual(['{0} of {1} runs']);
    expect(component('<p>{name}</p><p>{a} · {b}</p>')).toEqual([]);
    // Chinese has signs of its own between values.
    expect(component('<p>{a}: {b}</p><p title="{a}, {b}">{a}:{b}</p>')).toEqual(['{0}: {1}', '{0}, {1}']);
  });

  it('go on around elements, which keep their order', () => {
    expect(component('<p>In <code>a</code> or <b>{x}</b>, on {y}.</p>')).toEqual(['In <0/> or <1/>, on {0}.']);
    expect(component('<p><Icon name="check" /> Saved</p>')).toEqual(['Saved']);
    expect(component("<p>Runs {#if n}<b>{n}</b>{/if}{' '}of all</p>")).toEqual(['Runs <0/>of all']);
  });

  it('are attributes that are read, not those the page is built of', () => {
    expect(component('<Field label="name" hint="Any text" class="two words" name="first" kind="primary" />')).toEqual(['name', 'Any text']);
    expect(component("<button aria-label=\"Remove {name}\" title={isOn ? 'on' : 'off'}>±</button>")).toEqual(['Remove {0}', 'on', 'off']);
  });

  it('leave out code and what has no letters', () => {
    expect(component('<code>some words</code><p>±</p><kbd>Ctrl K</kbd>')).toEqual([]);
  });

  it('become look-ups that read as before', () => {
    const { code } = compileFile(
      'renderer/pages/Probe.svelte',
      '<script lang="ts">\n  let a = 1;\n</script>\n\n<p title="A `b`">Now {a}!</p>',
    );
    expect(code).toContain('const _w0 = _m`A \\`b\\``;');
    expect(code).toContain('<p title={_w0}>{_m`Now ${a}!`}</p>');
  });
});
