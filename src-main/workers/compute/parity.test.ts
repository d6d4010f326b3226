import { beforeAll, describe, expect, it } from "vitest";
import { tensorCount } from "#main/tensor/memory.ts";
import { onEachBackend } from "#main/tensor/testing/each-backend.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import { shortRun, shortRunSpecs, type ShortRun } from "./testing/short-run.ts";

/*
 * The same small training on every backend that works here: the nano networks, all phases of each transfer method, with the
 * optimizer. The reference is plain JavaScript, which needs seconds for a step.
 */
const steps: Readonly<Record<string, number>> = { scratch: 5, tet: 2, "fine-tune": 2 };
const stepsOf = (id: string): number => steps[id] ?? 1;

/** A loss may differ by this share of its value in the reference. */
const lossTolerance = 1e-5;
/**
 * What the steps change in a variable may differ by this share of that change: a single spike that falls on the other side of
 * the threshold makes half of it in such a small network.
 */
const changeTolerance = 1e-2;
/** And by this share of the largest change of any variable: some have no gradient but rounding. */
const roundingTolerance = 1e-6;

const length = (values: Float32Array): number => Math.hypot(...values);
const difference = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value - (b[i] ?? NaN));
const specs = Object.entries(shortRunSpecs);
const references = new Map<string, ShortRun>();

describe("one training on every backend", () => {
  beforeAll(async () => {
    await selectBackend("js");
    for (const [id, spec] of specs) references.set(id, await shortRun(spec, stepsOf(id)));
  }, 600_000);

  onEachBackend((backend) => {
    it.each(specs)("%s", async (id, spec) => {
      const reference = references.get(id)!;
      const before = tensorCount();
      const run = backend === "js" ? reference : await shortRun(spec, stepsOf(id));
      expect(tensorCount() - before, "tensors left behind").toBe(0);
      for (const [step, loss] of run.losses.entries()) {
        const wanted = reference.losses[step] ?? NaN;
        expect(Math.abs(loss - wanted), `loss of step ${step}: ${loss}, not ${wanted}`).toBeLessThanOrEqual(
          lossTolerance * Math.abs(wanted),
        );
      }
      const changes = Object.entries(reference.after).map(([name, values]) => {
        return { name, wanted: values, change: length(difference(values, reference.before[name]!)) };
      });
      const largest = Math.max(...changes.map(({ change }) => change));
      for (const { name, wanted, change } of changes) {
        const off = length(difference(run.after[name]!, wanted));
        const allowed = changeTolerance * change + roundingTolerance * largest;
        expect(off, `${name}, which changes by ${change}`).toBeLessThanOrEqual(allowed);
      }
    });
  });
});
