import { expect, test } from "../fixtures/app.ts";

test.describe("the advanced part of the Train page", () => {
  test.setTimeout(180_000);

  test("offers every method, network and variation of clips, and estimates what is chosen", async ({ app: page, complaints }) => {
    await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Train" }).click();
    await page.getByRole("button", { name: /Advanced/ }).click();

    const method = page.getByRole("combobox", { name: "Method" });
    await method.click();
    for (const name of ["Pre-train and fine-tune", "Knowledge transfer with sliding training", "Time-step mixup"]) {
      await expect(page.getByRole("option", { name })).toBeVisible();
    }
    await expect(page.getByRole("option", { name: "From scratch" })).toHaveCount(0); // it shows no pictures
    await page.getByRole("option", { name: /R2ETL/ }).click();
    await expect(method).toContainText("R2ETL");
    await expect(page.getByText("Weight of the alignment of the two input layers.")).toBeVisible();

    await page.getByRole("combobox", { name: "Network" }).click();
    await expect(page.getByRole("option")).toHaveCount(6); // five, and the one that belongs to the method
    await page.getByRole("option", { name: "Spiking ResNet-18" }).click();
    await page.getByRole("combobox", { name: "Network" }).click();
    await page.getByRole("option", { name: "The one that belongs to the method" }).click();

    await page.getByRole("switch", { name: "EventMix" }).click();
    await expect(page.getByText("Number of Gaussians whose sum shapes the part")).toBeVisible();
    await expect(page.getByRole("button", { name: /Advanced/ })).toContainText("event-mix");

    const step = page.getByRole("complementary", { name: "Estimate" }).getByText(/\d+ ms/);
    await expect(step).toBeVisible({ timeout: 120_000 });
    await expect(page.getByRole("button", { name: /Start training/ })).toBeEnabled();

    await page
      .getByRole("radio", { name: /Nothing|scratch/i })
      .first()
      .click();
    await method.click();
    await expect(page.getByRole("option", { name: "Temporal efficient training" })).toBeVisible();
    await expect(page.getByRole("option", { name: /R2ETL/ })).toHaveCount(0);
    expect(complaints).toEqual([]);
  });
});
