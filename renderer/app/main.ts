import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import './theme.css';
import { mount } from 'svelte';
import { studio } from '#renderer/state/studio.svelte.ts';
import { firstLanguage, speak } from '#renderer/locales/language.svelte.ts';
import { openLink } from './link.ts';
import Root from './Root.svelte';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
studio.start(openLink);
const show = () => void mount(Root, { target });
const first = firstLanguage();
// English needs no catalogue and is drawn at once; another language is known before anything is drawn.
if (first === 'en') show();
else void speak(first).finally(show);
