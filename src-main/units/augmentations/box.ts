/** Part of a frame in pixels, half-open. */
export interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** A box of that size around a pixel, cut where the frame ends. */
export function boxAround(
  height: number,
  width: number,
  boxHeight: number,
  boxWidth: number,
  centerY: number,
  centerX: number,
): Box {
  const [up, aside] = [boxHeight >> 1, boxWidth >> 1];
  return {
    top: Math.max(0, centerY - up),
    bottom: Math.min(height, centerY + up),
    left: Math.max(0, centerX - aside),
    right: Math.min(width, centerX + aside),
  };
}
