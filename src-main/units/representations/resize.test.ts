import { expect, test } from "vitest";
import vectors from "#main/tensor/vectors.json" with { type: "json" };
import { bilinear } from "./resize.ts";

const { bilinear: known } = vectors;

/** Both channels hold the picture, the second one negated. */
function resized(
  input: readonly (readonly number[])[],
  [toHeight = 0, toWidth = 0]: readonly number[],
  aligned: boolean,
): number[][] {
  const plane = Float32Array.from(input.flat().flatMap((value) => [value, -value]));
  const out = new Float32Array(2 * toHeight * toWidth);
  bilinear(input[0]!.length, input.length, toWidth, toHeight, aligned)(plane, out, 0);
  const pixel = (i: number): number => {
    expect(out[2 * i + 1]).toBe(-out[2 * i]!);
    return out[2 * i]!;
  };
  return Array.from({ length: toHeight }, (_, y) => Array.from({ length: toWidth }, (_, x) => pixel(y * toWidth + x)));
}

test.each([
  ["corners aligned, larger", known.input, known.output_size, true, known.align_corners_true],
  ["half pixels, larger", known.input, known.output_size, false, known.half_pixel_centres],
  ["corners aligned, smaller", known.downscale_input, known.downscale_output_size, true, known.downscale_align_corners_true],
  ["the same size, corners aligned", known.input, [2, 3], true, known.input],
  ["the same size, half pixels", known.input, [2, 3], false, known.input],
] as const)("%s", (_, input, size, aligned, expected) => {
  const found = resized(input, size, aligned);
  for (const [y, line] of expected.entries()) for (const [x, value] of line.entries()) expect(found[y]![x]).toBeCloseTo(value, 5);
  expect(found.length).toBe(expected.length);
});
