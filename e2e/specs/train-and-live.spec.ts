import { expect, startServer, test } from "../fixtures/app.ts";

const classes = ["rock", "paper", "scissors", "point", "thumb"];

test.describe("the main job on the demo project", () => {
  test.setTimeout(900_000);

  test("one click trains with knowledge from pictures; a reload loses nothing; the model answers live", async ({
    app: page,
    complaints,
  }) => {
    await test.step("one click", async () => {
      await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Train" }).click();
      await expect(page.getByRole("radio", { name: /My pictures/ })).toBeChecked();
      await expect(page.getByRole("list", { name: "Clips per class" }).getByRole("listitem")).toHaveCount(classes.length);
      const start = page.getByRole("button", { name: /Start training/ });
      await expect(start).toBeEnabled();
      await start.click();
      await expect(page).toHaveURL(/#\/train\/.+/);
    });
    const runUrl = page.url();

    await test.step("curves move", async () => {
      const epochs = async (): Promise<number> => Number((await page.locator("[data-epochs]").getAttribute("data-epochs")) ?? 0);
      await expect.poll(epochs, { timeout: 240_000 }).toBeGreaterThanOrEqual(2);
      await expect(
        page.getByRole("figure", { name: "Accuracy over epochs" }).locator(".js-plotly-plot path.js-line").first(),
      ).toBeAttached();
      const before = await epochs();
      await expect.poll(epochs, { timeout: 240_000 }).toBeGreaterThan(before);
    });

    await test.step("a reload in the middle loses nothing", async () => {
      const before = Number(await page.locator("[data-epochs]").getAttribute("data-epochs"));
      await page.goto("about:blank");
      await page.goto(runUrl);
      await expect
        .poll(async () => Number((await page.locator("[data-epochs]").getAttribute("data-epochs")) ?? 0), { timeout: 60_000 })
        .toBeGreaterThanOrEqual(before);
      await expect(page.getByRole("button", { name: "Stop and keep the best" })).toBeVisible();
    });

    await test.step("stop and keep the best", async () => {
      // The control run comes first; wait until the run proper has learned something.
      await expect
        .poll(async () => Number((await page.locator("[data-run-epochs]").getAttribute("data-run-epochs")) ?? 0), {
          timeout: 420_000,
        })
        .toBeGreaterThanOrEqual(14);
      await page.getByRole("button", { name: "Stop and keep the best" }).click();
      await expect(page.getByRole("button", { name: "Open the report" })).toBeVisible({ timeout: 60_000 });
    });

    await test.step("what the method did is drawn, and can be read as a table", async () => {
      for (const [view, figure] of [
        ["w", "Coefficient of each time step over epochs"],
        ["Alignment", "CKA of pictures and clips in each layer over epochs"],
        ["Layers", /CKA of layers shown pictures and layers shown clips/],
      ] as const) {
        await page.getByRole("radio", { name: view, exact: true }).click();
        await expect(page.getByRole("figure", { name: figure }).locator(".js-plotly-plot").first()).toBeAttached();
      }
      const map = page.getByRole("figure", { name: /CKA of layers shown pictures/ });
      await map.getByRole("button", { name: "Show as a table" }).click();
      await expect(map.getByRole("columnheader").first()).toHaveText("Pictures \\ clips");
    });

    await test.step("the report says how sure it is and what a decision costs", async () => {
      await page.getByRole("button", { name: "Open the report" }).click();
      await expect(page.getByText(/of \d+ clips, \d+\.\d to \d+\.\d %/)).toBeVisible();
      await expect(page.getByRole("figure", { name: "Accuracy against milliseconds seen" })).toBeVisible();
      await expect(page.getByRole("figure", { name: /Estimated energy per decision/ })).toBeAttached();
      await expect(page.getByText(/Horowitz/)).toBeAttached();
    });

    await test.step("its confusion matrix: a cell opens its clips", async () => {
      const matrix = page.getByRole("grid", { name: /Confusion/ });
      await expect(matrix.getByRole("row")).toHaveCount(classes.length);
      await matrix.getByRole("gridcell").first().click();
      await expect(page.getByText(/answered right|taken for/)).toBeVisible();
    });

    await test.step("the virtual camera is read right far more often than by chance", async () => {
      await page.getByRole("button", { name: "Try it live" }).click();
      const answer = page.getByTestId("answer");
      await expect.poll(async () => Number(await answer.getAttribute("data-windows")), { timeout: 60_000 }).toBeGreaterThan(10);
      await expect(page.getByText(/Virtual camera: what it shows is drawn by a program/)).toBeVisible();
      let asked = 0;
      let right = 0;
      let lastWindows = 0;
      const end = Date.now() + 240_000; // for a machine that is busy otherwise; 40 answers are enough
      while (Date.now() < end && asked < 40) {
        const [truth, said, windows] = await Promise.all([
          answer.getAttribute("data-truth"),
          answer.getAttribute("data-answer"),
          answer.getAttribute("data-windows"),
        ]);
        if (Number(windows) > lastWindows && classes.includes(truth ?? "") && said !== "") {
          lastWindows = Number(windows);
          asked += 1;
          if (said === truth) right += 1;
        }
        await page.waitForTimeout(250);
      }
      test
        .info()
        .annotations.push({ type: "live", description: `${right} of ${asked} answers right, chance is 1 in ${classes.length}` });
      expect(asked).toBeGreaterThan(10);
      expect(right / asked).toBeGreaterThan(0.45);
    });
    expect(complaints).toEqual([]);
  });
});

test("a run survives kill -9 of the engine and is resumed from its checkpoint @browser", async ({ home, ownBrowser }) => {
  test.setTimeout(600_000);
  const first = await startServer(home);
  const page = await (await ownBrowser.newContext()).newPage();
  await page.goto(first.url);
  await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Train" }).click();
  await page.getByRole("button", { name: /Start training/ }).click();
  const epochs = async (): Promise<number> => Number((await page.locator("[data-epochs]").getAttribute("data-epochs")) ?? 0);
  await expect.poll(epochs, { timeout: 240_000 }).toBeGreaterThanOrEqual(2);
  const hash = new URL(page.url()).hash;
  await first.stop("SIGKILL");
  await page.close();

  const second = await startServer(home);
  const again = await (await ownBrowser.newContext()).newPage();
  await again.goto(second.url);
  await again.evaluate((to) => (location.hash = to), hash);
  const before = Number(await again.locator("[data-epochs]").getAttribute("data-epochs"));
  await again.getByRole("button", { name: "Resume" }).click();
  await expect
    .poll(async () => Number((await again.locator("[data-epochs]").getAttribute("data-epochs")) ?? 0), { timeout: 240_000 })
    .toBeGreaterThan(before);
  await again.close();
  await second.stop();
});
