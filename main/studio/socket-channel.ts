/** A WebSocket as a channel of the link. Bytes that are no message end the connection: the other side is not ours. */
import type { WebSocket } from 'ws';
import { decode, encode } from '#contract/codec.ts';
import type { Channel } from '#contract/link.ts';

/** Largest message taken: a million float64 points with room to spare. */
export const maxMessageBytes = 256 * 1024 * 1024;

export function socketChannel(socket: WebSocket): Channel {
  const waiting: Uint8Array[] = [];
  socket.binaryType = 'nodebuffer';
  socket.on('open', () => {
    for (const bytes of waiting.splice(0)) socket.send(bytes);
  });
  // An error is always followed by close, which is what the link acts on.
  socket.on('error', () => undefined);
  return {
    send: (frame) => {
      const bytes = encode(frame);
      if (socket.readyState === socket.OPEN) socket.send(bytes);
      else if (socket.readyState === socket.CONNECTING) waiting.push(bytes);
    },
    onFrame: (listener) => {
      socket.on('message', (data, isBinary) => {
        let frame: unknown;
        try {
          if (!isBinary) throw new RangeError('a text message');
          frame = decode(data as Buffer);
        } catch {
          socket.close(1003, 'not a message of this link');
          return;
        }
        listener(frame);
      });
    },
    onClose: (listener) => void socket.once('close', () => listener()),
    close: () => socket.close(),
  };
}
