/*
 * Runs on Node 24 with the packages installed, started by build.mjs: builds one part of electron.vite.config.ts.
 * `electron-vite build` always builds main, preload and page together; browser mode needs the page alone, hence this script.
 */
import { join } from 'node:path';
import process from 'node:process';
import { resolveConfig } from 'electron-vite';
import { build } from 'vite';
import { root } from './setup.mjs';

process.chdir(root);
const sections = { renderer: ['renderer'], main: ['main', 'preload'] }[process.argv[2]];
const { config } = await resolveConfig({ configFile: join(root, 'electron.vite.config.ts'), logLevel: 'warn' }, 'build', 'production');
for (const section of sections) await build(config[section]);
