import { expect, test } from 'vitest';
import { tokenAddress } from '#renderer/app/token.ts';

const here = 'http://127.0.0.1:4600/#/runs';

test('a pasted address or token opens this page with it', () => {
  expect(tokenAddress(' http://127.0.0.1:4600/?token=abcdefghij0123456789 ', here)).toBe(
    'http://127.0.0.1:4600/?token=abcdefghij0123456789#/runs',
  );
  expect(tokenAddress('abcdefghij0123456789', here)).toBe('http://127.0.0.1:4600/?token=abcdefghij0123456789#/runs');
});

test('an address elsewhere never leads there', () => {
  expect(tokenAddress('https://elsewhere.example/?token=abcdefghij0123456789', here)).toBe(
    'http://127.0.0.1:4600/?token=abcdefghij0123456789#/runs',
  );
});

test('what is neither goes nowhere', () => {
  for (const text of ['', 'short', 'http://127.0.0.1:4600/', 'javascript:alert(1)', 'token with spaces and more'])
    expect(tokenAddress(text, here)).toBeUndefined();
});
