import { timeColor } from "./shaders.ts";

/** An event as a square in the box of space and time: newest in front, older ones darker. */
export const pointVertexShader = `#version 300 es
precision highp float;
precision highp int;
layout(location = 0) in uvec2 event;
uniform mat4 view;
uniform vec3 box;
uniform vec2 sensor;
uniform uint now;
uniform float windowUs;
uniform float pointSize;
uniform bool surface;
uniform float contrast;
uniform vec3 ground;
uniform vec3 on;
uniform vec3 off;
flat out vec3 ink;

${timeColor}
void main() {
  float age = now > event.x ? float(now - event.x) : 0.0;
  float part = age / windowUs;
  if (part > 1.0) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    gl_PointSize = 1.0;
    return;
  }
  vec2 pixel = vec2(float(event.y & 0x3fffu), float((event.y >> 14) & 0x3fffu)) + 0.5;
  vec2 at = 2.0 * pixel / sensor - 1.0;
  gl_Position = view * vec4(at.x * box.x, -at.y * box.y, (1.0 - 2.0 * part) * box.z, 1.0);
  gl_PointSize = pointSize / gl_Position.w;
  vec3 color = event.y >> 28 == 1u ? on : off;
  float strength = clamp(mix(0.22, 1.0, pow(1.0 - part, 1.4)) * sqrt(contrast), 0.0, 1.0);
  ink = surface ? timeColor(1.0 - part) : mix(ground, color, strength);
}`;

/** The color that came with the point. */
export const pointFragmentShader = `#version 300 es
precision mediump float;
flat in vec3 ink;
out vec4 color;
void main() {
  color = vec4(ink, 1.0);
}`;

/** Lines of the box and its axes. */
export const lineVertexShader = `#version 300 es
layout(location = 0) in vec3 at;
uniform mat4 view;
void main() {
  gl_Position = view * vec4(at, 1.0);
}`;

/** One color for all of a line. */
export const lineFragmentShader = `#version 300 es
precision mediump float;
uniform vec3 ink;
out vec4 color;
void main() {
  color = vec4(ink, 1.0);
}`;
