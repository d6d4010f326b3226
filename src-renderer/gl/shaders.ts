import { cividis, DECAY, FULL_COUNT } from "./picture.ts";

/** One triangle over everything. */
export const vertexShader = `#version 300 es
void main() {
  vec2 at = vec2(float((gl_VertexID << 1) & 2), float(gl_VertexID & 2));
  gl_Position = vec4(at * 2.0 - 1.0, 0.0, 1.0);
}`;

const vec = (rgb: readonly number[]): string => `vec3(${rgb.map((part) => part.toFixed(4)).join(", ")})`;

/** The color of a time, 0 old to 1 new. */
export const timeColor = `const vec3 map[${cividis.length}] = vec3[](${cividis.map(vec).join(", ")});
vec3 timeColor(float at) {
  float position = clamp(at, 0.0, 1.0) * ${(cividis.length - 1).toFixed(1)};
  int low = int(position);
  return mix(map[low], map[min(low + 1, ${cividis.length - 1})], position - float(low));
}`;

/** Colours a pixel by the last event or the count of the sensor pixel below it; averages where several lie below it. */
export const fragmentShader = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
precision highp isampler2D;
uniform usampler2D last;
uniform isampler2D counts;
uniform ivec2 sensor;
uniform vec2 origin;
uniform float zoom;
uniform float canvasHeight;
uniform int mode;
uniform uint now;
uniform float windowUs;
uniform float contrast;
uniform vec3 ground;
uniform vec3 on;
uniform vec3 off;
uniform vec3 edge;
uniform vec3 outside;
out vec4 color;

${timeColor}
vec3 colorAt(ivec2 pixel) {
  if (mode == 2) {
    float count = float(texelFetch(counts, pixel, 0).r);
    float strength = count == 0.0 ? 0.0 : clamp(0.25 + 0.75 * abs(count) * contrast / ${FULL_COUNT.toFixed(1)}, 0.0, 1.0);
    return mix(ground, count > 0.0 ? on : off, strength);
  }
  uint value = texelFetch(last, pixel, 0).r;
  if (value == 0u) return ground;
  uint t = (value >> 1) - 1u;
  float age = now > t ? float(now - t) : 0.0;
  if (age > windowUs) return ground;
  vec3 ink = (value & 1u) == 1u ? on : off;
  float part = age / windowUs;
  if (mode == 0) return ink;
  if (mode == 1) return mix(ground, ink, clamp(exp(-${DECAY.toFixed(2)} * part / contrast), 0.0, 1.0));
  return timeColor(1.0 - part);
}

void main() {
  vec2 at = (vec2(gl_FragCoord.x, canvasHeight - gl_FragCoord.y) - origin) / zoom;
  vec2 size = vec2(sensor);
  vec2 margin = vec2(1.0 / zoom);
  if (any(lessThan(at, vec2(0.0))) || any(greaterThanEqual(at, size))) {
    bool frame = all(greaterThanEqual(at, -margin)) && all(lessThan(at, size + margin));
    color = vec4(frame ? edge : outside, 1.0);
    return;
  }
  if (zoom == floor(zoom)) {
    color = vec4(colorAt(ivec2(at)), 1.0);
    return;
  }
  // Area filter. Enlarged, a screen pixel meets at most two sensor pixels a side: their shares are exact.
  vec2 low = at - 0.5 / zoom;
  if (zoom > 1.0) {
    ivec2 first = ivec2(floor(low));
    ivec2 second = ivec2(floor(at + 0.5 / zoom));
    vec2 share = first == second ? vec2(0.0) : clamp((low + 1.0 / zoom - vec2(first + 1)) * zoom, 0.0, 1.0);
    first = clamp(first, ivec2(0), sensor - 1);
    second = clamp(second, ivec2(0), sensor - 1);
    vec3 result = colorAt(first);
    if (first != second) {
      vec3 top = mix(result, colorAt(ivec2(second.x, first.y)), share.x);
      vec3 bottom = mix(colorAt(ivec2(first.x, second.y)), colorAt(second), share.x);
      result = mix(top, bottom, share.y);
    }
    color = vec4(result, 1.0);
    return;
  }
  vec3 sum = vec3(0.0);
  for (int j = 0; j < 4; j++) {
    for (int i = 0; i < 4; i++) {
      vec2 within = low + (vec2(float(i), float(j)) + 0.5) / (4.0 * zoom);
      sum += colorAt(clamp(ivec2(floor(within)), ivec2(0), sensor - 1));
    }
  }
  color = vec4(sum / 16.0, 1.0);
}`;
