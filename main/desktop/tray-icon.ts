/** The mark of the tray: the bird's head, dark above and light below, with its eye. Drawn, so that the bundle needs no file beside it. */
export function trayIcon(size: number): Buffer {
  const pixels = Buffer.alloc(size * size * 4);
  const middle = (size - 1) / 2;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [dx, dy] = [(x - middle) / middle, (y - middle) / middle];
      const distance = Math.hypot(dx, dy);
      if (distance > 1) continue;
      const isEye = Math.hypot(dx - 0.25, dy - 0.12) < 0.18;
      const isLight = !isEye && distance < 0.82 && dy > -0.1 + 0.35 * dx * dx;
      // Blue, green, red, alpha.
      pixels.set(isLight ? [255, 255, 255, 255] : [0x1c, 0x19, 0x16, 255], (y * size + x) * 4);
    }
  }
  return pixels;
}
