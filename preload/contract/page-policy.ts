/**
 * The Content-Security-Policy of the page, the same in both shells: app:// answers carry it and the browser-mode server sends it.
 * Nothing comes from another machine, and neither scripts nor styles may stand in the page itself: what is positioned at run time is so
 * through the style objects of elements, which no policy binds. Pictures arrive over the link and are shown from memory, hence blob:
 * and data:. `'self'` covers the page's own WebSocket in browser mode.
 */
export const contentSecurityPolicy = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self'`,
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
