import { expect, test } from "vitest";
import { benchDecode, describeDecodeBench } from "./bench.ts";
import { syntheticEvt3 } from "./synthetic-stream.ts";

test("every decoder finds the same events in the synthetic stream, and none is forgotten", async () => {
  const { events } = syntheticEvt3(20_000, { width: 1280, height: 720 });
  const bench = await benchDecode({ events: 20_000, passes: 1 });
  const ids = [...bench.figures, ...bench.skipped].map(({ id }) => id).sort();
  expect(ids).toEqual(["atis-compiled", "atis-plain", "evt3-c", "evt3-compiled", "evt3-plain"]);
  for (const figure of bench.figures.filter(({ id }) => id.startsWith("evt3"))) expect(figure.events).toBe(events);
  expect(describeDecodeBench(bench)).toContain("evt3-plain");
});
