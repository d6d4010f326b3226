import { expect, test } from "../fixtures/app.ts";

test("the window: six places, palette, shortcuts, themes, keyboard @smoke", async ({ app: page, complaints }) => {
  await test.step("every place opens by its link and says where it is", async () => {
    for (const name of ["Home", "Capture", "Library", "Train", "Models", "Live"]) {
      await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name }).click();
      await expect(page).toHaveTitle(`${name} – Saccade`);
      await expect(page.getByRole("navigation", { name: "Places" }).getByRole("link", { name })).toHaveAttribute(
        "aria-current",
        "page",
      );
    }
  });

  await test.step("the palette runs a command", async () => {
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("combobox", { name: "Commands" })).toBeFocused();
    await page.keyboard.type("theme: light");
    await expect(page.getByRole("option").first()).toContainText("Light");
    await page.keyboard.press("Enter");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  });

  await test.step("the shortcut sheet opens with ? and closes with Escape", async () => {
    await page.getByRole("link", { name: "Home" }).focus();
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog")).toContainText("Play or pause");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  });

  await test.step("settings survive a reload", async () => {
    await page.reload();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  });
  expect(complaints).toEqual([]);
});

test("Capture records a take of a class from the virtual camera by holding its key", async ({ app: page }) => {
  await page.getByRole("link", { name: "Capture" }).click();
  await page
    .getByRole("main")
    .getByRole("button", { name: /Virtual camera: moving hands/ })
    .click();
  await expect(page.getByRole("img", { name: /by \d+ pixels/ })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("Virtual").first()).toBeVisible();
  await page.keyboard.down("1");
  await page.waitForTimeout(1500);
  await page.keyboard.up("1");
  const takes = page.getByRole("list", { name: "Takes" });
  await expect(takes.getByRole("listitem")).toHaveCount(1, { timeout: 20_000 });
  await expect(takes.getByRole("listitem").first()).toContainText("rock");
});
