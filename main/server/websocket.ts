/** The one door for pages: `/link`, upgraded to a WebSocket after origin, host and cookie were looked at. */
import { STATUS_CODES, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Channel } from '#contract/link.ts';
import { maxMessageBytes, socketChannel } from '#studio/socket-channel.ts';
import type { Access, Refusal } from './access.ts';

export interface PageSockets {
  close(): void;
}

export function acceptPages(server: Server, access: Access, accept: (channel: Channel) => void): PageSockets {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    // As it was written: an address like "//" is none, and parsing it would throw where nobody catches.
    const refusal =
      request.url === '/link' ? access.refuseSocket(request.headers) : { status: 403 as const, reason: 'There is no link here.' };
    if (refusal !== undefined) return refuse(socket, refusal);
    sockets.handleUpgrade(request, socket, head, (page) => accept(socketChannel(page)));
  });
  return {
    close: () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

function refuse(socket: Duplex, { status, reason }: Refusal): void {
  const body = `${reason}\n`;
  // Not left to the other side, which may never hang up: the server waits for its connections when it closes.
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
