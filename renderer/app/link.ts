/**
 * The page's end of the link: a MessagePort where the preload hands one over (desktop), else a WebSocket to the server the
 * page came from (browser mode). A connection that is lost is opened again; streams are resumed by whoever reads them.
 */
import { decode, encode } from '#contract/codec.ts';
import { portClosed, portMessage, type HostBridge } from '#contract/host.ts';
import { connect, type Channel, type Frame, type Link } from '#contract/link.ts';

declare global {
  interface Window {
    /** Present in the desktop app only; preload/index.ts puts it there. */
    readonly avocet?: HostBridge;
  }
}

export function portChannel(port: MessagePort): Channel {
  const closes: (() => void)[] = [];
  const close = () => {
    port.close();
    for (const listener of closes.splice(0)) listener();
  };
  port.addEventListener('close', close);
  return {
    send: (frame: Frame) => port.postMessage(frame),
    onFrame: (listener) => {
      port.addEventListener('message', (event) => {
        // Old Electron has no close event on ports: main says goodbye in words.
        if (event.data === portClosed) close();
        else listener(event.data);
      });
      port.start();
    },
    onClose: (listener) => void closes.push(listener),
    close,
  };
}

export function socketChannel(socket: WebSocket): Channel {
  socket.binaryType = 'arraybuffer';
  return {
    send: (frame) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(encode(frame) as Uint8Array<ArrayBuffer>);
    },
    onFrame: (listener) =>
      socket.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (!(event.data instanceof ArrayBuffer)) return;
        try {
          listener(decode(new Uint8Array(event.data)));
        } catch {
          // Bytes that are no message mean that the other end is not ours: leave, and let the page say so.
          socket.close();
        }
      }),
    onClose: (listener) => socket.addEventListener('close', listener),
    close: () => socket.close(),
  };
}

function openPort(bridge: HostBridge): Promise<Link> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      window.removeEventListener('message', receive);
      reject(new Error('The desktop shell did not hand over a connection'));
    }, 10_000);
    const receive = (event: MessageEvent<unknown>) => {
      const port = event.ports[0];
      const data = event.data as { avocet?: unknown } | null;
      if (event.source !== window || data?.avocet !== portMessage.avocet || port === undefined) return;
      clearTimeout(timer);
      window.removeEventListener('message', receive);
      resolve(connect(portChannel(port)));
    };
    window.addEventListener('message', receive);
    bridge.requestPort();
  });
}

function openSocket(): Promise<Link> {
  const url = new URL('link', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  url.search = '';
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const channel = socketChannel(socket);
    socket.addEventListener('open', () => resolve(connect(channel)), { once: true });
    socket.addEventListener('error', () => reject(new Error('The studio does not answer')), { once: true });
  });
}

/** Opens the link of this shell once. Rejects where nobody answers. */
export function openLink(): Promise<Link> {
  return window.avocet === undefined ? openSocket() : openPort(window.avocet);
}
