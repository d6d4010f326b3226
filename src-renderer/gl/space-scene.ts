import type { Sensor } from "#shared/events/sensor.ts";
import type { EventField } from "./event-field.ts";
import type { Rgb } from "./palettes.ts";
import type { Look } from "./picture.ts";
import { linkProgram, uniformsOf } from "./program.ts";
import type { Region } from "./region.ts";
import { lineFragmentShader, lineVertexShader, pointFragmentShader, pointVertexShader } from "./space-shaders.ts";
import { axesOf, boxEdges, boxOf, regionEdges, scaleOf, viewMatrix, type Orbit } from "./space-time.ts";

/** Most points drawn: two megabytes to hand over, and as much as a graphics card without haste draws. */
export const MOST_POINTS = 1 << 18;
/** Sides of a drawn event, CSS px. */
const SMALLEST_POINT = 1.5;
const LARGEST_POINT = 6;

/** Colors of the box: its edges, the side of the newest events, and a region on it. */
export type SpaceFrame = { readonly edge: Rgb; readonly front: Rgb; readonly region: Rgb };

/** What one picture of the box is made of. */
export interface SpaceView {
  readonly look: Look;
  readonly orbit: Orbit;
  readonly sensor: Sensor;
  readonly frame: SpaceFrame;
  readonly region: Region | undefined;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
}

/** How many events stand in the picture: one in `every`. */
export type Drawn = { readonly points: number; readonly every: number };

/** The events of the window in space and time. */
export interface SpaceScene {
  draw(field: EventField, view: SpaceView): Drawn;
  close(): void;
}

/** The scene with WebGL 2: points with depth, and lines. Undefined when the browser has no WebGL 2. */
export function createSpaceScene(canvas: HTMLCanvasElement): SpaceScene | undefined {
  const gl = canvas.getContext("webgl2", { alpha: false, antialias: true, depth: true, preserveDrawingBuffer: true });
  if (gl === null) return undefined;
  const pointProgram = linkProgram(gl, pointVertexShader, pointFragmentShader);
  const points = uniformsOf(gl, pointProgram, [
    "view",
    "box",
    "sensor",
    "now",
    "windowUs",
    "pointSize",
    "surface",
    "contrast",
    "ground",
    "on",
    "off",
  ]);
  const lineProgram = linkProgram(gl, lineVertexShader, lineFragmentShader);
  const lines = uniformsOf(gl, lineProgram, ["view", "ink"]);

  const events = new Uint32Array(2 * MOST_POINTS);
  const pointArray = gl.createVertexArray();
  const pointBuffer = gl.createBuffer();
  gl.bindVertexArray(pointArray);
  gl.bindBuffer(gl.ARRAY_BUFFER, pointBuffer);
  gl.bufferData(gl.ARRAY_BUFFER, events.byteLength, gl.DYNAMIC_DRAW);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribIPointer(0, 2, gl.UNSIGNED_INT, 0, 0);
  const lineArray = gl.createVertexArray();
  const lineBuffer = gl.createBuffer();
  gl.bindVertexArray(lineArray);
  gl.bindBuffer(gl.ARRAY_BUFFER, lineBuffer);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);

  const draw = (corners: Float32Array, ink: Rgb): void => {
    gl.uniform3f(lines.ink, ...ink);
    gl.bufferData(gl.ARRAY_BUFFER, corners, gl.DYNAMIC_DRAW);
    gl.drawArrays(gl.LINES, 0, corners.length / 3);
  };

  return {
    draw(field, { look, orbit, sensor, frame, region, ratio }) {
      const { palette } = look;
      const size = { width: canvas.width, height: canvas.height };
      const box = boxOf(sensor);
      const view = viewMatrix(orbit, box, size);
      const windowUs = Number.isFinite(look.windowUs) ? look.windowUs : Math.max(1, field.now - field.base);
      const drawn = field.copySince(field.now - windowUs, events);

      gl.viewport(0, 0, size.width, size.height);
      gl.enable(gl.DEPTH_TEST);
      gl.clearColor(...palette.ground, 1);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);

      gl.useProgram(lineProgram);
      gl.uniformMatrix4fv(lines.view, false, view);
      gl.bindVertexArray(lineArray);
      gl.bindBuffer(gl.ARRAY_BUFFER, lineBuffer);
      const edges = boxEdges(box);
      const front = edges.length - 8 * 3;
      const css = { width: size.width / ratio, height: size.height / ratio };
      draw(edges.subarray(0, front), frame.edge);
      draw(axesOf(orbit, sensor, windowUs, css).ticks, frame.front);
      draw(edges.subarray(front), frame.front);
      if (region !== undefined) draw(regionEdges(region, sensor), frame.region);

      gl.useProgram(pointProgram);
      gl.uniformMatrix4fv(points.view, false, view);
      gl.uniform3f(points.box, ...box);
      gl.uniform2f(points.sensor, sensor.width, sensor.height);
      gl.uniform1ui(points.now, Math.max(0, Math.round(field.now - field.base)));
      gl.uniform1f(points.windowUs, windowUs);
      const pixel = (scaleOf(orbit, box, size) * 2 * box[0]) / sensor.width;
      gl.uniform1f(points.pointSize, Math.min(LARGEST_POINT * ratio, Math.max(SMALLEST_POINT * ratio, 0.9 * pixel)));
      gl.uniform1i(points.surface, look.mode === "surface" ? 1 : 0);
      gl.uniform1f(points.contrast, look.contrast);
      gl.uniform3f(points.ground, ...palette.ground);
      gl.uniform3f(points.on, ...palette.on);
      gl.uniform3f(points.off, ...palette.off);
      gl.bindVertexArray(pointArray);
      gl.bindBuffer(gl.ARRAY_BUFFER, pointBuffer);
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, events, 0, 2 * drawn.points);
      gl.drawArrays(gl.POINTS, 0, drawn.points);
      return drawn;
    },
    close() {
      gl.deleteBuffer(pointBuffer);
      gl.deleteBuffer(lineBuffer);
      gl.deleteVertexArray(pointArray);
      gl.deleteVertexArray(lineArray);
      gl.deleteProgram(pointProgram);
      gl.deleteProgram(lineProgram);
    },
  };
}
