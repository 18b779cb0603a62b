import { expect, test } from 'vitest';
import { plainText } from '#contract/plain-text.ts';
import { searchable } from '#contract/searched-text.ts';

test.each([
  ['Tracker&reg; &amp; Co', 'Tracker® & Co'],
  ['caf&eacute; &#233; &#xE9; &#XE9;', 'café é é é'],
  ['5 &lt; 6 &gt; 4 &quot;x&quot; it&apos;s it&#39;s', '5 < 6 > 4 "x" it\'s it\'s'],
  ['a&nbsp;b&ndash;c&hellip;', 'a\u00a0b–c…'],
  ['AT&T, R&D; & alone', 'AT&T, R&D; & alone'],
  ['without its end &copy 2020, &ampquot', 'without its end © 2020, &quot'],
  ['&notin; &not; &notit;', '∉ ¬ ¬it;'],
  ['&#150; &#0; &#x110000; &#55296;', '– \ufffd \ufffd \ufffd'],
  ['&amp;lt;b&amp;gt; once', '&lt;b&gt; once'],
  ['&constructor; &toString;', '&constructor; &toString;'],
  ['<b>stays</b>', '<b>stays</b>'],
])('%s is read as browsers read it', (written, shown) => {
  expect(plainText(written)).toBe(shown);
});

test('searches heed neither case nor accents, and leave other scripts as they are', () => {
  expect(searchable('JOSÉ')).toBe('jose');
  expect(searchable('José')).toBe(searchable('Jose\u0301'));
  expect(searchable('Łódź Ångström')).toBe('łodz angstrom');
  // A dakuten makes another letter.
  expect(searchable('ガ')).not.toBe(searchable('カ'));
  expect(searchable('随机种子')).toBe('随机种子');
});
