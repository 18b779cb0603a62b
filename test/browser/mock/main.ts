import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import '../../../renderer/app/theme.css';
import { mount } from 'svelte';
import { connect, memoryChannels, serve } from '#contract/link.ts';
import { studio } from '#renderer/state/studio.svelte.ts';
import App from '../../../renderer/app/App.svelte';
import { drawnStudio } from './studio.ts';

/** ?scene=first shows a studio without any run. */
const scene = new URLSearchParams(location.search).get('scene') ?? 'busy';

studio.start(() => {
  const [page, owner] = memoryChannels();
  serve(owner, drawnStudio(scene));
  return Promise.resolve(connect(page));
});
mount(App, { target: document.getElementById('app')! });
