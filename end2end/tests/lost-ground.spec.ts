import { alive, COLLEAGUE, DEMO, expect, signIn, signOut, test } from "../server";

test("a task deleted just before a reload stays deleted", async ({ page, server, quiet }) => {
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    // The deletion arrives after the reloaded page was made.
    await page.route("**/api/ui/delete_task", async (route) => {
        await new Promise((done) => setTimeout(done, 2_000));
        await route.continue();
    });
    const task = page.locator(".task").first();
    const id = await task.getAttribute("id");
    await task.getByRole("button", { name: /^Delete/ }).click();
    await expect(page.locator(`[id="${id}"]`)).toHaveCount(0);
    await page.reload();
    await alive(page);
    await expect(page.locator(`[id="${id}"]`)).toHaveCount(0);
    expect(quiet).toEqual([]);
});

test("when somebody deletes the edited task the form says so, and its text becomes a new task", async ({ page, server, quiet }) => {
    const [ada, grace] = [await server.api(DEMO), await server.api(COLLEAGUE)];
    const shared = await (await grace.post("/api/tasks", { data: { title: "Book the hall" } })).json();
    const share = { email: "ada@example.com", permission: "edit" };
    expect((await grace.post(`/api/tasks/${shared.id}/shares`, { data: share })).status()).toBe(201);
    await signIn(page, server, "/tasks?shared=with_me");
    await alive(page);
    const task = page.locator(".task", { hasText: "Book the hall" });
    await task.getByText("Edit", { exact: true }).click();
    await task.getByLabel("Description").fill("They want a deposit by Friday");
    // The form stays even when the focus is elsewhere.
    await page.locator("h1").click();
    expect((await grace.delete(`/api/tasks/${shared.id}`)).status()).toBe(204);
    await expect(task.getByText("This task was deleted")).toBeVisible({ timeout: 10_000 });
    await expect(task.getByLabel("Description")).toHaveValue("They want a deposit by Friday");
    await task.getByRole("button", { name: "Add as a new task" }).click();
    await expect(task).toHaveCount(0);
    const found = await (await ada.get("/api/tasks?q=hall")).json();
    expect(found.items.map((item: { title: string; description: string }) => [item.title, item.description])).toEqual([
        ["Book the hall", "They want a deposit by Friday"],
    ]);
    expect(quiet.every((line) => line.includes("404"))).toBe(true);
    quiet.length = 0;
});

test("an ended session keeps what was typed and leads to the sign-in", async ({ page, server, context, quiet }) => {
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    const other = await context.newPage();
    await other.goto(`${server.url}/settings`);
    await signOut(other);
    await other.waitForURL("**/signin");
    await other.close();
    await page.getByLabel("New task").fill("Water the plants");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("alert")).toContainText("You're signed out.");
    await expect(page.getByLabel("New task")).toHaveValue("Water the plants");
    const [tab] = await Promise.all([context.waitForEvent("page"), page.getByRole("link", { name: "Sign in in a new tab" }).click()]);
    await tab.getByLabel("Email").fill("ada@example.com");
    await tab.getByLabel("Password").fill("tally-my-tasks-2026");
    await tab.getByRole("button", { name: "Sign in", exact: true }).click();
    await tab.waitForURL("**/dashboard");
    await tab.close();
    await page.getByLabel("New task").focus();
    await page.keyboard.press("Enter");
    await expect(page.locator(".task", { hasText: "Water the plants" })).toBeVisible();
    expect(quiet.every((line) => line.includes("401"))).toBe(true);
    quiet.length = 0;
});
