/*
 * Entry of the desktop ring on the old Electron: fills the gaps, then loads the built main. What Electron 45 has and 22 lacks:
 * protocol.handle with Response, webUtils in preloads, and utility processes whose Node is new enough for the worker.
 */
require('./node-16.cjs');
const fs = require('node:fs');
const path = require('node:path');
const { app, protocol, utilityProcess } = require('electron');

globalThis.Response ??= class Response {
  constructor(body, { status = 200, headers = {} } = {}) {
    this.body = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body ?? []);
    this.status = status;
    this.headers = headers;
  }
};

protocol.handle ??= (scheme, handler) => {
  protocol.registerBufferProtocol(scheme, (request, answer) => {
    Promise.resolve(handler(request)).then(({ status, headers, body }) => {
      const { 'content-type': type = 'text/plain', ...rest } = headers;
      answer({
        statusCode: status,
        mimeType: type.split(';')[0],
        charset: 'utf-8',
        headers: { ...rest, 'content-type': type },
        data: body,
      });
    });
  });
};

app.on('session-created', (session) => session.setPreloads([path.join(__dirname, 'preload.cjs')]));

const fork = utilityProcess.fork;
utilityProcess.fork = (entry, args = [], options = {}) => fork(path.join(__dirname, 'worker.cjs'), [entry, ...args], options);

// In a packaged test build this folder lies beside out/, in a checkout in test/desktop.
const built = path.join(__dirname, '..', 'out', 'main', 'desktop.cjs');
require(fs.existsSync(built) ? built : path.join(__dirname, '..', '..', '..', 'out', 'main', 'desktop.cjs'));
