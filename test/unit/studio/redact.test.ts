import { describe, expect, test } from 'vitest';
import { redact, type Private } from '#studio/diagnostics/redact.ts';

const known: Private = {
  folders: [
    { path: '/home/ada/data sets/Avocet', name: 'data folder' },
    { path: '/home/ada', name: 'home' },
    { path: 'C:\\Users\\Ada\\Avocet', name: 'data folder' },
  ],
  words: [
    { word: 'ada', name: 'user' },
    { word: 'lovelace-pc', name: 'machine' },
    { word: '李雷', name: 'user' },
  ],
};
const clean = (text: string) => redact(text, known);

describe('what says who and where somebody is', () => {
  test.each([
    ['names, in any case, as whole words', 'Ada on LOVELACE-PC, adaptive', '<user> on <machine>, adaptive'],
    ['names beyond Latin letters', '由李雷创建 and 李雷', '由李雷创建 and <user>'],
    [
      'known folders, longest first, spaces too',
      'in /home/ada/data sets/Avocet/runs/run-1/x.bin: full',
      'in <data folder>/runs/run-1/x.bin: full',
    ],
    ['a folder that only starts alike', '/home/adamant/x', '<path>'],
    ['folders of Windows, in JSON too', '{"at":"C:\\\\Users\\\\Ada\\\\Avocet\\\\runs"}', '{"at":"<data folder>\\\\runs"}'],
    ['other places', 'cannot read /mnt/lab drive/x', 'cannot read <path> drive/x'],
    ['other places in quotes, spaces too', 'ENOENT, open "/mnt/lab drive/secret plan.csv"', 'ENOENT, open "<path>"'],
    ['stacks', 'at run (file:///srv/team/app/main.ts:12:5)', 'at run (<path>:12:5)'],
    ['drives and shares', 'D:\\secret\\plan.csv and \\\\server\\share\\x', '<path> and <path>'],
    ['the person’s folder by its sign', 'see ~/private/list.txt', 'see <path>'],
    ['mail and numbers of machines', 'ada.l@example.org at 10.1.2.3, 127.0.0.1 stays', '<email> at <address>, 127.0.0.1 stays'],
    ['links with what they carry', 'GET https://user:pw@host.example/x?token=abc and http://intra/x', 'GET <link> and <link>'],
  ])('%s', (_what, given, wanted) => {
    expect(clean(given)).toBe(wanted);
  });
});

describe('what may open a door', () => {
  const secrets = [
    'hunter2hunter2',
    'ghp_0123456789abcdefABCDEF',
    'sk-proj-9f8e7d6c5b4a3',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4',
    'Thvb6zcXoVito3gGWOwW2pRcHfgZqeH8',
    'f3a1c9d07b5e4c2f8a6d0e1b3c5a7f9d',
  ];
  test.each([
    (secret: string) => `http://127.0.0.1:4791/?token=${secret}#/runs`,
    (secret: string) => `API_KEY="${secret}"`,
    (secret: string) => `{"password":"${secret}"}`,
    (secret: string) => `Authorization: Bearer ${secret}`,
    (secret: string) => `python train.py --token ${secret} --epochs 3`,
    (secret: string) => `WANDB_API_KEY=${secret} python x.py`,
  ])('%#: is gone wherever it stands', (around) => {
    for (const secret of secrets) {
      const text = clean(around(secret));
      expect(text).not.toContain(secret);
      expect(text).toMatch(/<removed>/);
    }
  });

  test('long mixed words go without a name before them, keys in blocks too', () => {
    for (const secret of secrets.slice(1)) expect(clean(`said ${secret} here`)).toBe('said <removed> here');
    expect(clean('-----BEGIN RSA PRIVATE KEY-----\nMIIB\nxyz\n-----END RSA PRIVATE KEY-----\nafter')).toBe('<removed>\nafter');
  });
});

test('a long line without spaces is read once, not again from each of its letters', () => {
  const long = 'QUJD'.repeat(250_000);
  expect(clean(`said ${long} to ada.l@example.org`)).toBe(`said ${long} to <email>`);
});

// As long as these are, a rule that reads them anew from each of their letters would not end within the test.
test.each([
  'a.',
  'a-',
  'a+',
  'token-',
  'eyJ-',
  'eyJaaaaaaaaa.',
  'a@',
  'a@a.',
  '/a',
  '"/a',
  'a/',
  String.raw`\\a`,
  'C:\\a b ',
  '1.',
  'x://',
  '-----BEGIN A',
])('a long line of %s is read about once, and what stands behind it is still taken out', (unit) => {
  const read = clean(`${unit.repeat(800_000 / unit.length)} ada.l@example.org`);
  expect(read).not.toMatch(/ada|example/);
});

test('a key behind a dash, and a name with its sign before it, go as well', () => {
  expect(clean('with-eyJhbGciOiJI.eyJzdWIi.Sfl')).toBe('with-<removed>');
  expect(clean('my-own-api-key = abc1')).toBe('my-own-api-key = <removed>');
  expect(clean('svn+ssh://ada:pw@host/x')).toBe('<link>');
});

test('what helps stays', () => {
  const text = [
    'Avocet 0.1.0, Node v24.21.0, linux x64',
    'disk artifact.write: The file could not be written: ENOSPC',
    'epoch 12/200 loss 0.6931, validation Recall@20 0.0712, 3 of 9 runs, 50/50 split',
    'run run-2k2wn5d2 of models lightgcn, egra-self-pretrained; @tensorflow/tfjs-core 4.22.0',
    'wasm | WebAssembly SIMD, 3 threads | 4.22.0 fused | ready',
    '2026-11-22T00:12:11.123Z info batch 2048 and/or width 64',
  ].join('\n');
  expect(clean(text)).toBe(text);
});
