import { accessible, alive, DEMO, expect, signIn, test } from "../server";

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
