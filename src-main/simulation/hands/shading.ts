import { GROUP } from "./skeleton.ts";
import { NAIL, NOTHING, type Surface } from "./surface.ts";

/** Colors (linear, 0 to 1) and light of a scene. */
export type Look = {
  readonly skin: readonly [number, number, number];
  readonly sleeve: readonly [number, number, number];
  readonly cuff: readonly [number, number, number];
  readonly nail: readonly [number, number, number];
  /** Toward the light, in picture coordinates (y downward, z toward the viewer); length one. */
  readonly light: readonly [number, number, number];
  /** Light from everywhere and from the lamp; their sum is the light on a surface that faces the lamp. */
  readonly ambient: number;
  readonly diffuse: number;
};

/** How far light creeps around the edge of lit skin, per color: red most (Jensen et al., SIGGRAPH 2001, shows why). */
const WRAP = [0.42, 0.26, 0.2] as const;
/** Directions in which nearer surfaces are looked for. */
const TAPS = [1, 0, 0.7, 0.7, 0, 1, -0.7, 0.7, -1, 0, -0.7, -0.7, 0, -1, 0.7, -0.7] as const;

/**
 * Paints the drawn surface over a background picture.
 * @param target `channels` values a pixel, linear light; holds the background and receives the picture.
 */
export function shadeSurface(surface: Surface, look: Look, scale: number, target: Float32Array, channels: 1 | 3): void {
  const { width, height, depth, nx, ny, nz, group, tone, cover } = surface;
  const [lx, ly, lz] = look.light;
  const { ambient, diffuse } = look;
  const albedo = paletteOf(look, channels);
  const reach = Math.max(1, 0.085 * scale);
  const reach2 = Math.max(2, 0.2 * scale);
  const near = tapsAt(reach);
  const far = tapsAt(reach2);
  // Steps in the arrays, for pixels whose neighbors all lie within the picture.
  const nearSteps = stepsOf(near, width);
  const farSteps = stepsOf(far, width);
  const margin = Math.ceil(reach2) + 1;

  for (let y = surface.y0; y < surface.y1; y++) {
    for (let x = surface.x0; x < surface.x1; x++) {
      const i = y * width + x;
      const part = group[i] ?? NOTHING;
      if (part === NOTHING) continue;
      const z = depth[i] ?? 0;
      // Narrow places get less light: how far do neighbors stand out in front of this point?
      let hidden = 0;
      if (x >= margin && y >= margin && x < width - margin && y < height - margin) {
        for (let k = 0; k < 8; k++) {
          const rise = ((depth[i + (nearSteps[k] ?? 0)] ?? 0) - z) / reach - 0.35;
          if (rise > 0) hidden += rise < 1.2 ? rise : 1.2;
          const farRise = ((depth[i + (farSteps[k] ?? 0)] ?? 0) - z) / reach2 - 0.3;
          if (farRise > 0) hidden += 0.6 * (farRise < 1 ? farRise : 1);
        }
      } else {
        for (let k = 0; k < 16; k += 2) {
          const sx = x + (near[k] ?? 0);
          const sy = y + (near[k + 1] ?? 0);
          if (sx >= 0 && sx < width && sy >= 0 && sy < height) {
            const rise = ((depth[sy * width + sx] ?? z) - z) / reach - 0.35;
            if (rise > 0) hidden += rise < 1.2 ? rise : 1.2;
          }
          const tx = x + (far[k] ?? 0);
          const ty = y + (far[k + 1] ?? 0);
          if (tx >= 0 && tx < width && ty >= 0 && ty < height) {
            const rise = ((depth[ty * width + tx] ?? z) - z) / reach2 - 0.3;
            if (rise > 0) hidden += 0.6 * (rise < 1 ? rise : 1);
          }
        }
      }
      const open = 1 / (1 + 0.42 * hidden);
      const facing = nz[i] ?? 0;
      const rim = 0.5 + 0.5 * Math.sqrt(facing > 0 ? facing : 0);
      const lambert = (nx[i] ?? 0) * lx + (ny[i] ?? 0) * ly + facing * lz;
      const strength = (tone[i] ?? 1) * rim * open;
      const share = cover[i] ?? 0;
      const at = channels * i;
      const skin = part !== GROUP.sleeve && part !== GROUP.cuff;
      for (let c = 0; c < channels; c++) {
        const wrap = skin ? (channels === 1 ? 0.28 : (WRAP[c] ?? 0)) : 0.1;
        const lit = (lambert + wrap) / (1 + wrap);
        const value = (albedo[part * channels + c] ?? 0) * strength * (ambient + diffuse * (lit > 0 ? lit : 0));
        target[at + c] = (target[at + c] ?? 0) * (1 - share) + value * share;
      }
    }
  }
}

const tapsAt = (reach: number): Int32Array => Int32Array.from(TAPS, (tap) => Math.round(tap * reach));

const stepsOf = (taps: Int32Array, width: number): Int32Array =>
  Int32Array.from({ length: 8 }, (_, k) => (taps[2 * k + 1] ?? 0) * width + (taps[2 * k] ?? 0));

/** Rec. 709 luminance of linear RGB. */
export const luminance = (r: number, g: number, b: number): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

function paletteOf(look: Look, channels: 1 | 3): Float32Array {
  const palette = new Float32Array((NAIL + 1) * channels);
  for (let part = 0; part <= NAIL; part++) {
    const [r, g, b] =
      part === GROUP.sleeve ? look.sleeve : part === GROUP.cuff ? look.cuff : part === NAIL ? look.nail : look.skin;
    if (channels === 1) palette[part] = luminance(r, g, b);
    else palette.set([r, g, b], 3 * part);
  }
  return palette;
}
