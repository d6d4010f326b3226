import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures/app.ts";
import { clockUs, difference, litPixels } from "../fixtures/reference.ts";

const flat = (page: Page) => page.getByRole("img", { name: /128 by 128 pixels/ });
const space = (page: Page) => page.getByRole("application", { name: /in space and time/ });
const clock = async (page: Page): Promise<number> =>
  clockUs((await page.getByRole("button", { name: /^Time / }).getAttribute("aria-label")) ?? "");

/** The long recording of the demo project, in its middle and at rest. */
async function openStream(page: Page): Promise<void> {
  await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Library" }).click();
  await page
    .getByRole("button", { name: /^bench-stream/ })
    .first()
    .click();
  await expect(page.getByRole("button", { name: "Pause", exact: true })).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => clock(page)).toBeGreaterThan(1_500_000);
  await page.keyboard.press("Space");
  await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
  // Pictures that were on their way when it paused still come.
  let last = -1;
  await expect.poll(async () => last === (last = await clock(page)), { intervals: [500] }).toBe(true);
}

test("B plays backwards, and again forwards; the start is the end of it", async ({ app: page, complaints }) => {
  await openStream(page);
  const from = await clock(page);
  const before = await flat(page).screenshot();
  // A tenth of real time: a slow machine has not come to the start before it is looked at.
  for (let i = 0; i < 4; i++) await page.keyboard.press("[");
  await page.keyboard.press("b");
  await expect(page.getByRole("status").filter({ hasText: "Playing backwards" })).toBeAttached();
  await expect.poll(() => clock(page)).toBeLessThan(from - 200_000);
  expect(difference(before, await flat(page).screenshot())).toBeGreaterThan(2000);

  await page.keyboard.press("b");
  const turned = await clock(page);
  await expect.poll(() => clock(page)).toBeGreaterThan(turned + 100_000);

  await page.keyboard.press("\\");
  await page.keyboard.press("b");
  await expect.poll(() => clock(page), { timeout: 60_000 }).toBe(0);
  await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
  expect(complaints).toEqual([]);
});

test("3 shows the window in space and time, which turns by drag and by arrows; 3 again goes back", async ({
  app: page,
  complaints,
}) => {
  await openStream(page);
  const t = await clock(page);
  for (let i = 0; i < 3; i++) await page.keyboard.press("+");
  await page.keyboard.press("3");
  await expect(space(page)).toBeVisible();
  await expect(page.getByText("t, ms")).toBeVisible();
  const shot = (): Promise<Buffer> => space(page).screenshot();
  await expect.poll(async () => litPixels(await shot())).toBeGreaterThan(2000);

  const before = await shot();
  const box = await space(page).boundingBox();
  if (box === null) throw new Error("no box");
  await page.mouse.move(box.x + 300, box.y + 200);
  await page.mouse.down();
  await page.mouse.move(box.x + 380, box.y + 230, { steps: 4 });
  await page.mouse.up();
  await expect.poll(async () => difference(before, await shot())).toBeGreaterThan(2000);

  const dragged = await shot();
  await page.keyboard.press("ArrowRight"); // the click has given it the focus
  await expect.poll(async () => difference(dragged, await shot())).toBeGreaterThan(2000);
  expect(await clock(page)).toBe(t);
  await page.keyboard.press("0");
  await expect.poll(async () => difference(before, await shot())).toBeLessThan(200);

  await page.keyboard.press("3");
  await expect(flat(page)).toBeVisible();
  expect(complaints).toEqual([]);
});

test("a region drawn with R held empties all around it, also under the wheel; Escape brings it back", async ({
  app: page,
  complaints,
}) => {
  await openStream(page);
  for (let i = 0; i < 4; i++) await page.keyboard.press("+"); // enough noise everywhere to tell
  const box = await flat(page).boundingBox();
  if (box === null) throw new Error("no box");
  const [x, y] = [box.width / 2, box.height / 2];
  const lit = async (): Promise<{ inside: number; left: number }> => {
    const shot = await flat(page).screenshot();
    return {
      inside: litPixels(shot, { x: x - 100, y: y - 100, width: 200, height: 200 }),
      left: litPixels(shot, { x: x - 240, y: y - 180, width: 110, height: 360 }),
    };
  };
  await expect.poll(async () => (await lit()).left).toBeGreaterThan(300);

  const draw = async (): Promise<void> => {
    await page.mouse.move(box.x + x - 120, box.y + y - 120);
    await page.keyboard.down("r");
    await page.mouse.down();
    await page.mouse.move(box.x + x + 120, box.y + y + 120, { steps: 5 });
    await page.mouse.up();
    await page.keyboard.up("r");
  };
  await draw();
  const region = page.getByRole("application", { name: /^Region of/ });
  await expect(region).toBeVisible();
  await expect.poll(async () => (await lit()).left).toBe(0);
  expect((await lit()).inside).toBeGreaterThan(300);
  // The outline lies where it was drawn, within one sensor pixel.
  const outline = await region.boundingBox();
  expect(Math.abs((outline?.x ?? 0) - (box.x + x - 120))).toBeLessThan(8);
  expect(Math.abs((outline?.width ?? 0) - 240)).toBeLessThan(16);

  await page.keyboard.press("Escape");
  await expect(region).toHaveCount(0);
  await expect.poll(async () => (await lit()).left).toBeGreaterThan(300);

  // Nearer, the same drag takes fewer pixels of the sensor and still cuts where it is drawn.
  const whole = Number(/of (\d+)/.exec((await nameAfter(draw)) ?? "")?.[1]);
  await page.keyboard.press("Escape");
  await page.mouse.move(box.x + x, box.y + y);
  await page.mouse.wheel(0, -100);
  await page.mouse.wheel(0, -100);
  const near = Number(/of (\d+)/.exec((await nameAfter(draw)) ?? "")?.[1]);
  expect(near).toBeLessThan(0.6 * whole);
  await expect.poll(async () => (await lit()).left).toBe(0);
  expect((await lit()).inside).toBeGreaterThan(300);
  await page.getByRole("button", { name: "Remove the region" }).click();
  await expect(region).toHaveCount(0);
  expect(complaints).toEqual([]);

  async function nameAfter(act: () => Promise<void>): Promise<string | null> {
    await act();
    await expect(region).toBeVisible();
    return region.getAttribute("aria-label");
  }
});

test("in full screen the readings leave when the pointer rests, and come back with it", async ({ app: page }) => {
  await openStream(page);
  await page.keyboard.press("f");
  const consequence = page.getByText(/≈ .* events/).last();
  await page.mouse.move(700, 300);
  await expect(consequence).toHaveCSS("opacity", "1");
  const hud = consequence.locator("..");
  await expect(hud).toHaveCSS("opacity", "0", { timeout: 10_000 });
  await page.mouse.move(720, 320);
  await expect(hud).toHaveCSS("opacity", "1");
  await page.keyboard.press("f");
  await expect(page.getByRole("navigation", { name: "Places" })).toBeVisible();
  await page.waitForTimeout(4000);
  await expect(hud).toHaveCSS("opacity", "1");
});
