import { drawPalmLines } from "./palm-lines.ts";
import type { HandPose } from "./pose.ts";
import { luminance, shadeSurface, type Look } from "./shading.ts";
import { buildHand, MAX_CAPSULES, STRIDE, type Build } from "./skeleton.ts";
import { clearSurface, createSurface, drawCapsules, type View } from "./surface.ts";

/** Draws one hand after the other over the same background. */
export interface HandPainter {
  /** Linear light, `channels` values a pixel; lent until the next call. Without a hand: the background. */
  paint(
    hand: { readonly pose: HandPose; readonly build: Build; readonly look: Look; readonly view: View } | undefined,
  ): Float32Array;
}

/** A painter over that background (linear RGB, three values a pixel). One channel means luminance. */
export function createHandPainter(width: number, height: number, background: Float32Array, channels: 1 | 3): HandPainter {
  const ground = channels === 3 ? background : new Float32Array(width * height);
  if (channels === 1) {
    for (let i = 0; i < ground.length; i++) {
      ground[i] = luminance(background[3 * i] ?? 0, background[3 * i + 1] ?? 0, background[3 * i + 2] ?? 0);
    }
  }
  const target = ground.slice();
  const surface = createSurface(width, height);
  const capsules = new Float32Array(STRIDE * MAX_CAPSULES);

  return {
    paint(hand) {
      for (let y = surface.y0; y < surface.y1; y++) {
        const from = channels * (y * width + surface.x0);
        const to = channels * (y * width + surface.x1);
        target.set(ground.subarray(from, to), from);
      }
      clearSurface(surface);
      if (hand === undefined) return target;
      const count = buildHand(hand.pose, hand.build, capsules);
      drawCapsules(surface, capsules, count, hand.view);
      drawPalmLines(surface, hand.view);
      shadeSurface(surface, hand.look, hand.view.scale, target, channels);
      return target;
    },
  };
}
