import fc from 'fast-check';
import { expect, it } from 'vitest';
import { visible, visibleJson, visibleLines } from '#cli/terminal-text.ts';

const text = fc.string({ unit: 'binary', maxLength: 40 });
const commands = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

it('leaves nothing that a terminal obeys or that turns the direction of a line', () => {
  expect(visible('\u001b[31mred\u0007 \u009b2J caf\u00e9 \u202eabc\n')).toBe(
    String.raw`\u001b[31mred\u0007 \u009b2J caf` + '\u00e9 ' + String.raw`\u202eabc\u000a`,
  );
  fc.assert(fc.property(text, (found) => !commands.test(visible(found))));
});

it('keeps lines and columns where text has them', () => {
  expect(visibleLines('a,b\r\nc\td\n\r\u001b')).toBe('a,b\r\nc\td\n' + String.raw`\u000d\u001b`);
  fc.assert(
    fc.property(
      text,
      (found) =>
        !commands.test(
          visibleLines(found)
            .replaceAll('\r\n', '')
            .replaceAll(/[\n\t]/g, ''),
        ),
    ),
  );
});

it('keeps the values of JSON', () => {
  fc.assert(
    fc.property(text, (found) => {
      const json = visibleJson(JSON.stringify({ found }));
      expect(JSON.parse(json)).toEqual({ found });
      expect(commands.test(json)).toBe(false);
    }),
  );
});
