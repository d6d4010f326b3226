import type { EventField } from "./event-field.ts";
import type { Rgb } from "./palettes.ts";
import { pictureModes, type Look, type Placement } from "./picture.ts";
import { linkProgram, uniformsOf } from "./program.ts";
import { fragmentShader, vertexShader } from "./shaders.ts";

/** Something that paints a field onto a canvas. */
export interface Scene {
  draw(field: EventField, look: Look, placement: Placement, frame: Frame): void;
  close(): void;
}

/** Colours around the picture. */
export type Frame = { readonly edge: Rgb; readonly outside: Rgb };

/** A window that never ends, for the shader: longer than any offset. */
const FOREVER_US = 4e9;

/**
 * The picture with WebGL 2: two integer textures and one triangle. Colour, decay, window and zoom are uniforms.
 * Undefined when the browser has no WebGL 2. A lost context is made anew by making a new scene.
 */
export function createGlScene(canvas: HTMLCanvasElement): Scene | undefined {
  const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false, preserveDrawingBuffer: true });
  if (gl === null) return undefined;
  const program = linkProgram(gl, vertexShader, fragmentShader);
  const uniform = uniformsOf(gl, program, [
    "last",
    "counts",
    "sensor",
    "origin",
    "zoom",
    "canvasHeight",
    "mode",
    "now",
    "windowUs",
    "contrast",
    "ground",
    "on",
    "off",
    "edge",
    "outside",
  ]);
  const texture = (unit: number, format: number, width: number, height: number): WebGLTexture => {
    const made = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, made);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
    return made;
  };
  let textures: { readonly field: EventField; readonly last: WebGLTexture; readonly counts: WebGLTexture } | undefined;
  let uploaded = { last: -1, counts: -1 };

  const release = (): void => {
    if (textures === undefined) return;
    gl.deleteTexture(textures.last);
    gl.deleteTexture(textures.counts);
    textures = undefined;
  };

  return {
    draw(field, look, placement, frame) {
      const { width, height } = field;
      if (textures?.field !== field) {
        release();
        textures = { field, last: texture(0, gl.R32UI, width, height), counts: texture(1, gl.R16I, width, height) };
        uploaded = { last: -1, counts: -1 };
      }
      // Only the texture that the mode reads is brought up to date.
      const counts = look.mode === "counts";
      if (counts && uploaded.counts !== field.version) {
        gl.activeTexture(gl.TEXTURE1);
        gl.pixelStorei(gl.UNPACK_ALIGNMENT, 2);
        gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RED_INTEGER, gl.SHORT, field.counts);
        uploaded.counts = field.version;
      } else if (!counts && uploaded.last !== field.version) {
        gl.activeTexture(gl.TEXTURE0);
        gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
        gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RED_INTEGER, gl.UNSIGNED_INT, field.last);
        uploaded.last = field.version;
      }
      const { palette } = look;
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.useProgram(program);
      gl.uniform1i(uniform.last, 0);
      gl.uniform1i(uniform.counts, 1);
      gl.uniform2i(uniform.sensor, width, height);
      gl.uniform2f(uniform.origin, placement.x, placement.y);
      gl.uniform1f(uniform.zoom, placement.zoom);
      gl.uniform1f(uniform.canvasHeight, canvas.height);
      gl.uniform1i(uniform.mode, pictureModes.indexOf(look.mode));
      gl.uniform1ui(uniform.now, Math.max(0, Math.round(field.now - field.base)));
      gl.uniform1f(uniform.windowUs, Number.isFinite(look.windowUs) ? look.windowUs : FOREVER_US);
      gl.uniform1f(uniform.contrast, look.contrast);
      gl.uniform3f(uniform.ground, ...palette.ground);
      gl.uniform3f(uniform.on, ...palette.on);
      gl.uniform3f(uniform.off, ...palette.off);
      gl.uniform3f(uniform.edge, ...frame.edge);
      gl.uniform3f(uniform.outside, ...frame.outside);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    },
    close() {
      release();
      gl.deleteProgram(program);
    },
  };
}
