import { accessible, alive, card, DEMO, expect, signIn, test } from "../server";

test("goals: set in a form, followed on the dashboard without a reload, reviewed by week", async ({ page, server }) => {
    await signIn(page, server);
    await alive(page);
    await expect(page.getByRole("region", { name: "Goals" })).toContainText("of 3");
    await page.getByRole("link", { name: "Goals" }).click();
    await page.waitForURL("**/review#goals");
    await page.getByLabel("Tasks to complete in a day").fill("50");
    await page.getByLabel("Tasks to complete in a week").fill("99");
    await page.getByLabel("Sunday").check();
    await accessible(page);
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("status").filter({ hasText: "Your goals are saved" })).toBeVisible();
    await expect(page.getByLabel("Tasks to complete in a day")).toHaveValue("50");
    await expect(page.getByLabel("Sunday")).toBeChecked();
    await expect(page.getByLabel("Monday")).not.toBeChecked();

    await page.goto(server.url + "/dashboard");
    await alive(page);
    const goals = page.getByRole("region", { name: "Goals" });
    const today = Number(((await goals.textContent())!.match(/Today (\d+) of 50/) ?? [])[1]);
    expect(today).toBeGreaterThan(0);
    const api = await server.api(DEMO);
    const { id } = await (await api.post("/api/tasks", { data: { title: "One for the goal" } })).json();
    await api.post(`/api/tasks/${id}/complete`);
    await expect(goals).toContainText(`Today ${today + 1} of 50`, { timeout: 7_000 });
    await accessible(page);

    await page.getByRole("link", { name: "Weekly review" }).click();
    await expect(page.getByRole("listitem").filter({ hasText: "One for the goal" })).toBeVisible();
    await page.getByRole("link", { name: "← Previous week" }).click();
    await expect(page.getByRole("link", { name: "Next week →" })).toBeVisible();
    await expect(page.getByText("One for the goal")).toHaveCount(0);
    await page.emulateMedia({ media: "print" });
    await expect(page.getByRole("button", { name: "Save" })).toBeHidden();
    await expect(page.getByRole("heading", { name: "Day by day" })).toBeVisible();
});

test("a wrong goal shows an error at its field and keeps the input", async ({ page, server, quiet }) => {
    await signIn(page, server, "/review");
    const field = page.getByLabel("Tasks to complete in a day");
    await field.fill("many");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(field).toHaveAccessibleDescription("has to be a whole number from 1 to 1000");
    await expect(field).toHaveValue("many");
    // The browser logs a page that answers 422.
    expect(quiet.splice(0)).toHaveLength(1);
});

test("the trend has four ranges, and polling keeps the shown one", async ({ page, server }) => {
    await signIn(page, server);
    for (const [days, bars] of [
        [7, 7],
        [90, 90],
        [365, 53],
    ]) {
        await page.getByRole("link", { name: `${days} days`, exact: true }).click();
        await page.waitForURL(`**/dashboard?days=${days}`);
        await alive(page);
        await expect(page.getByRole("heading", { name: `The last ${days} days` })).toBeVisible();
        const asked = await page.waitForResponse("**/api/ui/dashboard*");
        expect(new URL(asked.url()).searchParams.get("days")).toBe(String(days));
        expect(await page.locator(".chart-days label").count()).toBeGreaterThanOrEqual(bars);
        await accessible(page);
    }
    await page.locator(".chart-days label").last().hover();
    await expect(page.locator(".chart-days label").last()).toContainText(/Week of \d+ \w+: \d+ created, \d+ completed/);
});

test("the key f shows only the numbers in full screen, and goes back", async ({ page, server }) => {
    await page.clock.install();
    await page.clock.setFixedTime("2026-11-26T23:00:00");
    await signIn(page, server);
    await alive(page);
    const numbers = page.locator(".stat .number").first();
    const before = (await numbers.boundingBox())!.height;
    await page.keyboard.press("f");
    await expect(page.getByRole("navigation", { name: "Main" })).toBeHidden();
    await expect(page.getByRole("heading", { name: "Activity" })).toBeHidden();
    expect((await numbers.boundingBox())!.height).toBeGreaterThan(2 * before);
    await expect(page.locator(".dashboard")).toHaveAttribute("data-night");
    await accessible(page);
    // It is in the address: a screen on a wall shows it after a restart, and lives.
    expect(new URL(page.url()).searchParams.has("kiosk")).toBe(true);
    await page.reload();
    await alive(page);
    await expect(page.getByRole("navigation", { name: "Main" })).toBeHidden();
    const total = await card(page, "Total tasks");
    const api = await server.api(DEMO);
    await api.post("/api/tasks", { data: { title: "From elsewhere" } });
    await expect(page.locator(".stat", { hasText: "Total tasks" }).locator(".number")).toHaveText(String(total + 1));
    await page.getByRole("button", { name: "Leave full screen" }).click();
    await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
    expect(new URL(page.url()).search).toBe("");
    // In the field of quick add a letter is a letter.
    await page.keyboard.press("n");
    await page.keyboard.type("f");
    await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
});

for (const size of [
    { width: 1280, height: 720 },
    { width: 390, height: 844 },
]) {
    test(`the four numbers and the goals are on the first screen at ${size.width} px, full screen too`, async ({ page, server }) => {
        await page.setViewportSize(size);
        const api = await server.api(DEMO);
        await api.put("/api/dashboard/goals", { data: { daily: 5, weekly: 20 } });
        await signIn(page, server);
        await alive(page);
        for (const path of ["/dashboard", "/dashboard?kiosk"]) {
            await page.goto(server.url + path);
            await expect(page.getByText(/Streak \d+ days?/)).toBeInViewport({ ratio: 1 });
            expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(size.width);
        }
    });
}
