/** How long a lost graphics context may take to come back. */
const LOST_MS = 3000;

/**
 * Follows a canvas that may lose its graphics context: the graphics process usually brings it back at once.
 * @returns the end of following.
 */
export function watchContext(
  canvas: HTMLCanvasElement,
  told: { readonly lost: () => void; readonly restored: () => void; readonly gone: () => void },
): () => void {
  let giveUp: ReturnType<typeof setTimeout> | undefined;
  const lost = (event: Event): void => {
    event.preventDefault();
    told.lost();
    giveUp = setTimeout(told.gone, LOST_MS);
  };
  const restored = (): void => {
    clearTimeout(giveUp);
    told.restored();
  };
  canvas.addEventListener("webglcontextlost", lost);
  canvas.addEventListener("webglcontextrestored", restored);
  return () => {
    clearTimeout(giveUp);
    canvas.removeEventListener("webglcontextlost", lost);
    canvas.removeEventListener("webglcontextrestored", restored);
  };
}

/** Gives a canvas the device resolution of the box around it, now and whenever the box changes. @returns the end of it. */
export function fitToDevice(
  canvas: HTMLCanvasElement,
  box: HTMLElement,
  measured: (width: number, height: number) => void,
): () => void {
  const measure = (width: number, height: number): void => {
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    measured(Math.max(1, width), Math.max(1, height));
  };
  const observer = new ResizeObserver(([entry]) => {
    const device = entry?.devicePixelContentBoxSize?.[0];
    const ratio = window.devicePixelRatio;
    if (device) measure(device.inlineSize, device.blockSize);
    else if (entry) measure(Math.round(entry.contentRect.width * ratio), Math.round(entry.contentRect.height * ratio));
  });
  observer.observe(box);
  return () => observer.disconnect();
}
