import type { Locator, Page } from "@playwright/test";
import { accessible, alive, DEMO, expect, signIn, test } from "../server";

/** As a hand does it: Chromium begins a drag with the first small move, and the page scrolls only after it. */
async function drag(page: Page, row: Locator, to: Locator) {
    await row.hover();
    const { x, y } = (await row.boundingBox())!;
    await page.mouse.down();
    await page.mouse.move(x + 20, y + 20, { steps: 3 });
    await to.hover();
    await to.hover();
    await page.mouse.up();
}

test("a day: add, move by click and by key, complete, and every part follows", async ({ page, server }) => {
    await signIn(page, server, "/today");
    await alive(page);
    const part = (name: string) => page.getByRole("region", { name, exact: true });
    const row = (name: string, title: string) => part(name).locator(".task", { hasText: title });

    await page.getByLabel("New task").fill("Water the plants");
    await page.keyboard.press("Enter");
    await expect(row("Today", "Water the plants")).toContainText("Due today");
    await row("Today", "Water the plants").getByRole("button", { name: "Move to another day" }).click();
    await expect(row("Next 7 days", "Water the plants")).toContainText("Due tomorrow");
    await expect(row("Today", "Water the plants")).toHaveCount(0);

    // The key does the same, and the arrows go from one list to the next.
    await row("Next 7 days", "Water the plants").focus();
    await page.keyboard.press("t");
    await expect(row("Today", "Water the plants")).toBeVisible();
    await row("Today", "Water the plants").getByRole("checkbox").click();
    await expect(row("Today", "Water the plants")).toHaveCount(0);

    // What somebody else's program adds appears in its part.
    const api = await server.api(DEMO);
    const longAgo = new Date(Date.now() - 400 * 86_400_000).toISOString();
    await api.post("/api/tasks", { data: { title: "Should be done", due_at: longAgo } });
    await expect(row("Overdue", "Should be done")).toContainText("400 days overdue");
    const last = part("Overdue").locator(".task").last();
    await last.focus();
    await page.keyboard.press("j");
    await expect(page.locator(":focus")).not.toHaveText(await last.innerText());
    await page.keyboard.press("k");
    await expect(last).toBeFocused();
    await accessible(page);
});

test("rows are dragged to another day, alone and all that are selected", async ({ page, server }) => {
    const api = await server.api(DEMO);
    for (const title of ["Ape", "Bee", "Cat"]) await api.post("/api/tasks", { data: { title } });
    const stored = async (title: string) => (await (await api.get(`/api/tasks?q=${title}&sort=title`)).json()).items[0];
    await signIn(page, server, "/today");
    await alive(page);
    const part = (name: string) => page.getByRole("region", { name, exact: true });
    const row = (name: string, title: string) => part(name).locator(".task", { hasText: title });

    await drag(page, row("Without a date", "Ape"), part("Today"));
    await expect(row("Today", "Ape")).toContainText("Due today");
    await drag(page, row("Today", "Ape"), part("Next 7 days"));
    await expect(row("Next 7 days", "Ape")).toContainText("Due tomorrow");
    await drag(page, row("Next 7 days", "Ape"), part("Without a date"));
    await expect(row("Without a date", "Ape")).toBeVisible();
    expect((await stored("Ape")).due_at).toBe(null);

    // Onto the part in which it is, nothing happens.
    await drag(page, row("Without a date", "Bee"), part("Without a date").getByRole("heading"));
    expect((await stored("Bee")).due_at).toBe(null);

    for (const title of ["Bee", "Cat"]) {
        await row("Without a date", title).focus();
        await page.keyboard.press("x");
    }
    await drag(page, row("Without a date", "Cat"), part("Today"));
    await expect(row("Today", "Bee")).toBeVisible();
    await expect(row("Today", "Cat")).toBeVisible();
    await expect(page.locator("#selection")).toBeHidden();
    await expect(page.locator("body")).not.toHaveClass(/dragging/);
});
