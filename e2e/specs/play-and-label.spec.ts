import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { dropFiles, expect, shared, test } from "../fixtures/app.ts";
import { clockUs, compare, difference, referencePicture } from "../fixtures/reference.ts";

const SENSOR = { width: 640, height: 480 };
const WINDOW_US = 20_000;

const view = (page: Page) => page.getByRole("img", { name: /by \d+ pixels/ });
const clock = async (page: Page): Promise<number> =>
  clockUs((await page.getByRole("button", { name: /^Time / }).getAttribute("aria-label")) ?? "");

test.describe("a real recording", () => {
  test.skip(shared === undefined, "the shared recordings are not on this machine");

  test("opens by drop, plays, seeks, is labelled by keys, and an undo takes one label back", async ({
    app: page,
    complaints,
  }) => {
    // The well then has about the size of the sensor, and every sensor pixel is one screen pixel.
    await page.setViewportSize({ width: 1480, height: 1030 });
    const file = join(shared ?? "", "data/samples/evt3/trigger_640x480.raw");

    await test.step("drop", async () => {
      await page.getByRole("link", { name: "Library" }).click();
      await dropFiles(page, [{ name: "trigger_640x480.raw", bytes: await readFile(file) }]);
      await expect(view(page)).toBeVisible({ timeout: 60_000 });
      await expect(page.getByText("640 × 480").first()).toBeVisible();
    });

    await test.step("play", async () => {
      // A recording plays when it opens, and stops at its end.
      await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible({ timeout: 60_000 });
      // A fifth of real time: the 0.9 s then last long enough to be looked at on a slow machine.
      for (let i = 0; i < 3; i++) await page.keyboard.press("[");
      await page.keyboard.press("Home");
      await expect.poll(() => clock(page)).toBe(0);
      await page.waitForTimeout(500);
      const before = await view(page).screenshot();
      await page.keyboard.press("Space");
      await expect.poll(async () => difference(before, await view(page).screenshot()), { timeout: 30_000 }).toBeGreaterThan(2000);
      await expect.poll(() => clock(page)).toBeGreaterThan(0);
      await page.keyboard.press("Space");
      await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
    });

    await test.step("seek: the picture is the one the events ask for", async () => {
      await page.getByRole("radio", { name: "Window" }).click();
      await view(page).click(); // the keys belong to the player again
      await page.keyboard.press("Home");
      await expect.poll(() => clock(page)).toBe(0);
      for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowRight");
      const first = await firstTime(file);
      await expect
        .poll(
          async () => {
            // Read anew each time: the last of the key presses may still be on its way.
            const t = await clock(page);
            if (t < 50_000) return false;
            const reference = referencePicture(file, SENSOR, { from: first + t - WINDOW_US, to: first + t });
            const found = compare(await view(page).screenshot(), reference, SENSOR);
            return found.lit > 200 && found.litRight / found.lit > 0.97 && found.darkRight / found.dark > 0.99;
          },
          { timeout: 60_000, intervals: [1000] },
        )
        .toBe(true);
    });

    await test.step("label three segments, undo one", async () => {
      const lane = page.getByRole("list", { name: "Class" });
      for (const [index, key] of ["1", "2", "3"].entries()) {
        await page.keyboard.press("Escape");
        await page.keyboard.press("x");
        await page.keyboard.press("Home");
        for (let i = 0; i < 2 * index + 1; i++) await page.keyboard.press("ArrowRight");
        await page.keyboard.press("i");
        await page.keyboard.press("ArrowRight");
        await page.keyboard.press("o");
        await page.keyboard.press(key);
        await expect(lane.getByRole("listitem")).toHaveCount(index + 1);
      }
      await expect(lane.getByRole("button", { name: /^scissors/i })).toHaveCount(1);
      await page.keyboard.press("Control+z");
      await expect(lane.getByRole("listitem")).toHaveCount(2);
      await expect(lane.getByRole("button", { name: /^scissors/i })).toHaveCount(0);
    });

    await test.step("a reload keeps the labels", async () => {
      await page.reload();
      await expect(page.getByRole("list", { name: "Class" }).getByRole("listitem")).toHaveCount(2, { timeout: 30_000 });
    });
    expect(complaints).toEqual([]);
  });
});

async function firstTime(file: string): Promise<number> {
  const manifest = JSON.parse(await readFile(join(shared ?? "", "data/samples/manifest.json"), "utf8")) as {
    files: { path: string; t_first_us: number }[];
  };
  const entry = manifest.files.find((item) => file.endsWith(item.path));
  if (entry === undefined) throw new Error(`${file} is not in the manifest`);
  return entry.t_first_us;
}
