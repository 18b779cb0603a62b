/**
 * The Content-Security-Policy of the page, the same in both shells: app:// answers carry it and the browser-mode server sends it.
 * Nothing comes from another machine. Pictures arrive over the link and are shown from memory, hence blob: and data:. Styles may be
 * inline because charts and floating elements position themselves with style attributes; scripts may not. `'self'` covers
 * the page's own WebSocket in browser mode.
 */
export const contentSecurityPolicy = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self' 'unsafe-inline'`,
  `img-src 'self' data: blob:`,
  `font-src 'self'`,
  `connect-src 'self'`,
  `worker-src 'self' blob:`,
  `manifest-src 'self'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
  `object-src 'none'`,
].join('; ');
