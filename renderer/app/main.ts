import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import './theme.css';
import { mount } from 'svelte';
import { studio } from '#renderer/state/studio.svelte.ts';
import App from './App.svelte';
import { openLink } from './link.ts';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
studio.start(openLink);
mount(App, { target });
