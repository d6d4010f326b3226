/** From which row and column of a frame a pixel of the changed frame comes; -1 where nothing does. */
export type PixelMap = Int32Array;

/** Everything moved down and to the right, what leaves coming back at the other side. */
export function rollMap(height: number, width: number, down: number, right: number): PixelMap {
  const map = new Int32Array(height * width);
  for (let y = 0; y < height; y += 1) {
    const from = (((y - down) % height) + height) % height;
    for (let x = 0; x < width; x += 1) map[y * width + x] = from * width + ((((x - right) % width) + width) % width);
  }
  return map;
}

/**
 * A linear map around the middle of the frame, nearest pixel: where pixel (x, y) from the middle comes from is
 * (a·x + b·y, c·x + d·y).
 */
function linearMap(height: number, width: number, [a, b, c, d]: readonly [number, number, number, number]): PixelMap {
  const map = new Int32Array(height * width);
  const [middleY, middleX] = [(height - 1) / 2, (width - 1) / 2];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [fromMiddleX, fromMiddleY] = [x - middleX, y - middleY];
      const sourceX = Math.round(a * fromMiddleX + b * fromMiddleY + middleX);
      const sourceY = Math.round(c * fromMiddleX + d * fromMiddleY + middleY);
      const inside = sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height;
      map[y * width + x] = inside ? sourceY * width + sourceX : -1;
    }
  }
  return map;
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Turned clockwise by an angle around the middle. */
export function rotationMap(height: number, width: number, degrees: number): PixelMap {
  const [cos, sin] = [Math.cos(radians(degrees)), Math.sin(radians(degrees))];
  return linearMap(height, width, [cos, sin, -sin, cos]);
}

/** Rows pushed aside in proportion to their distance from the middle. */
export const shearMap = (height: number, width: number, degrees: number): PixelMap =>
  linearMap(height, width, [1, Math.tan(radians(degrees)), 0, 1]);

/** Left and right exchanged. */
export function flipMap(height: number, width: number): PixelMap {
  return Int32Array.from({ length: height * width }, (_, i) => i - (i % width) + (width - 1 - (i % width)));
}

/** Puts a frame `[H, W, C]` through a map, reading from a copy. */
export function applyMap(frame: Float32Array, copy: Float32Array, map: PixelMap, channels: number): void {
  copy.set(frame);
  for (let i = 0; i < map.length; i += 1) {
    const from = map[i]!;
    for (let c = 0; c < channels; c += 1) frame[i * channels + c] = from < 0 ? 0 : copy[from * channels + c]!;
  }
}
