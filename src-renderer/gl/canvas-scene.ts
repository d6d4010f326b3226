import type { EventField } from "./event-field.ts";
import { cssOf, type Rgb } from "./palettes.ts";
import { cividis, DECAY, FULL_COUNT, mapped, type Look } from "./picture.ts";
import type { Scene } from "./scene.ts";

/** Paints the field as RGBA, pixel by pixel: the same colours as the shader's. */
export function paintField(field: EventField, look: Look, out: Uint8ClampedArray): void {
  const { last, counts, now, base } = field;
  const { ground, on, off } = look.palette;
  for (let i = 0; i < last.length; i++) {
    let ink: Rgb = ground;
    let strength = 0;
    if (look.mode === "counts") {
      const count = counts[i] ?? 0;
      if (count !== 0) {
        ink = count > 0 ? on : off;
        strength = Math.min(1, 0.25 + (0.75 * Math.abs(count) * look.contrast) / FULL_COUNT);
      }
    } else {
      const value = last[i] ?? 0;
      const age = Math.max(0, now - base - ((value >>> 1) - 1));
      if (value !== 0 && age <= look.windowUs) {
        const part = age / look.windowUs;
        ink = (value & 1) === 1 ? on : off;
        strength = look.mode === "decay" ? Math.exp((-DECAY * part) / look.contrast) : 1;
        if (look.mode === "surface") ink = mapped(cividis, 1 - part);
      }
    }
    out[4 * i] = 255 * (ground[0] + (ink[0] - ground[0]) * strength);
    out[4 * i + 1] = 255 * (ground[1] + (ink[1] - ground[1]) * strength);
    out[4 * i + 2] = 255 * (ground[2] + (ink[2] - ground[2]) * strength);
    out[4 * i + 3] = 255;
  }
}

/** The picture without WebGL: slower, the same to look at. */
export function createCanvasScene(canvas: HTMLCanvasElement): Scene {
  const context = canvas.getContext("2d", { alpha: false });
  if (context === null) throw new Error("This browser draws no canvas");
  const buffer = document.createElement("canvas");
  const inner = buffer.getContext("2d");
  if (inner === null) throw new Error("This browser draws no canvas");
  let image: ImageData | undefined;
  return {
    draw(field, look, placement, frame) {
      if (image?.width !== field.width || image.height !== field.height) {
        buffer.width = field.width;
        buffer.height = field.height;
        image = inner.createImageData(field.width, field.height);
      }
      paintField(field, look, image.data);
      inner.putImageData(image, 0, 0);
      const { x, y, zoom } = placement;
      context.fillStyle = cssOf(frame.outside);
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.fillStyle = cssOf(frame.edge);
      context.fillRect(x - 1, y - 1, field.width * zoom + 2, field.height * zoom + 2);
      context.imageSmoothingEnabled = placement.fit;
      context.drawImage(buffer, x, y, field.width * zoom, field.height * zoom);
    },
    close() {
      image = undefined;
    },
  };
}
