import type { MessagePortMain } from 'electron';
import { portClosed } from '#contract/host.ts';
import type { Channel } from '#contract/link.ts';

/** The studio's end of the page's MessagePort. Frames cross by structured clone, typed arrays included. */
export function mainPortChannel(port: MessagePortMain): Channel {
  return {
    send: (frame) => port.postMessage(frame),
    onFrame: (listener) => {
      port.on('message', ({ data }) => listener(data));
      // Messages wait in the port until someone listens.
      port.start();
    },
    onClose: (listener) => {
      port.on('close', listener);
    },
    close: () => {
      // The page's end has no close event on every Electron; the word tells it.
      port.postMessage(portClosed);
      port.close();
    },
  };
}
