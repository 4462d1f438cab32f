import { accessible, alive, COLLEAGUE, DEMO, expect, Server, signIn, test } from "../server";

const TITLES = ["Ape", "Bee", "Cat", "Dog", "Eel"];

async function add(server: Server) {
    const api = await server.api(DEMO);
    for (const title of [...TITLES].reverse()) expect((await api.post("/api/tasks", { data: { title } })).status()).toBe(201);
    const stored = async (title: string) => (await (await api.get(`/api/tasks?q=${title}&sort=title`)).json()).items[0];
    return stored;
}

test("select by key, by Shift and by click; complete, move and delete with one Undo", async ({ page, server }) => {
    const stored = await add(server);
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    const row = (title: string) => page.locator(".task", { hasText: title });
    const box = (title: string) => page.getByRole("checkbox", { name: `Select ${title}` });
    const bar = page.locator("#selection");
    await expect(bar).toBeHidden();

    await row("Bee").focus();
    await page.keyboard.press("x");
    await expect(bar).toContainText("1 selected");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Shift+X");
    await expect(bar).toContainText("3 selected");
    await accessible(page);
    await bar.getByRole("button", { name: "Complete" }).click();
    await expect(bar).toBeHidden();
    for (const title of ["Bee", "Cat", "Dog"]) {
        await expect(row(title).getByRole("checkbox", { name: "Completed" })).toHaveAttribute("aria-checked", "true");
        expect((await stored(title)).status).toBe("completed");
    }
    expect((await stored("Ape")).status).toBe("pending");

    // Shift-clicking two rows selects everything between them.
    await row("Ape").locator(".task-words").click({ modifiers: ["Shift"] });
    await row("Dog").locator(".task-words").click({ modifiers: ["Shift"] });
    await expect(bar).toContainText("4 selected");
    await box("Cat").uncheck();
    await expect(bar).toContainText("3 selected");
    await bar.getByLabel("Day to move to").fill("2030-12-24");
    await bar.getByRole("button", { name: "Move" }).click();
    await expect(row("Ape")).toContainText("Due 24 December 2030");
    await expect(row("Dog")).toContainText("Due 24 December 2030");
    expect((await stored("Cat")).due_at).toBe(null);

    // The key c completes what is selected; Escape selects nothing.
    await row("Eel").focus();
    await page.keyboard.press("x");
    await page.keyboard.press("c");
    await expect(row("Eel").getByRole("checkbox", { name: "Completed" })).toHaveAttribute("aria-checked", "true");
    await row("Eel").focus();
    await page.keyboard.press("x");
    await page.keyboard.press("Escape");
    await expect(bar).toBeHidden();

    await page.getByText("Select", { exact: true }).click();
    await box("Ape").check();
    await box("Bee").check();
    await bar.getByRole("button", { name: "Delete" }).click();
    await expect(row("Ape")).toBeHidden();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(row("Ape")).toBeVisible();
    await expect(row("Bee")).toBeVisible();
    expect((await stored("Ape")).title).toBe("Ape");
    await row("Ape").focus();
    await page.keyboard.press("x");
    await bar.getByRole("button", { name: "Delete" }).click();
    await expect(page.getByText("Deleted 1 task")).toBeHidden({ timeout: 10_000 });
    await expect.poll(async () => await stored("Ape")).toBe(undefined);
    await expect(row("Ape")).toHaveCount(0);

    // Leaving the page confirms it.
    await row("Bee").focus();
    await page.keyboard.press("x");
    await bar.getByRole("button", { name: "Delete" }).click();
    await page.goto(server.url + "/settings");
    await expect.poll(async () => await stored("Bee")).toBe(undefined);
});

test("when one of them cannot be deleted all come back, with the reason", async ({ page, server, quiet }) => {
    await add(server);
    const grace = await server.api(COLLEAGUE);
    const { id } = await (await grace.post("/api/tasks", { data: { title: "Hers" } })).json();
    const share = await grace.post(`/api/tasks/${id}/shares`, { data: { email: DEMO.email, permission: "edit" } });
    expect(share.status()).toBe(201);
    await signIn(page, server, "/tasks?access=change");
    await alive(page);
    const bar = page.locator("#selection");
    const received = page.locator(".task", { hasText: "Hers" });
    await received.focus();
    await page.keyboard.press("x");
    await page.locator(".task", { hasText: "Ape" }).focus();
    await page.keyboard.press("x");
    // The request waits, so that what the page shows until the answer can be seen.
    let release!: () => void;
    const released = new Promise<void>((done) => (release = done));
    await page.route("**/api/ui/change_tasks", async (route) => {
        await released;
        await route.continue();
    });
    await bar.getByRole("button", { name: "Delete" }).click();
    await expect(received).toBeHidden();
    release();
    await expect(bar).toContainText("No task was changed", { timeout: 10_000 });
    await expect(received).toBeVisible();
    await expect(page.locator(".task", { hasText: "Ape" })).toBeVisible();
    // The refusal is what this test is about.
    expect(quiet.every((line) => line.includes("403"))).toBe(true);
    quiet.length = 0;
});

test("without script the boxes and the bar are a form", async ({ browser, server }) => {
    const stored = await add(server);
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await signIn(page, server, "/tasks?status=all");
    await page.getByText("Select", { exact: true }).click();
    await page.getByRole("checkbox", { name: "Select Ape" }).check();
    await page.getByRole("checkbox", { name: "Select Cat" }).check();
    await page.getByRole("button", { name: "Complete" }).click();
    await expect(page.locator(".task.done", { hasText: "Cat" })).toBeVisible();
    expect((await stored("Ape")).status).toBe("completed");
    expect((await stored("Bee")).status).toBe("pending");
    await context.close();
});

test("on Today and on a phone, across the parts of the page", async ({ page, server }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    const stored = await add(server);
    const api = await server.api(DEMO);
    const { id } = await stored("Ape");
    await api.patch(`/api/tasks/${id}`, { data: { due_at: new Date(Date.now() - 900 * 86_400_000).toISOString() } });
    await signIn(page, server, "/today");
    await alive(page);
    await page.getByText("Select", { exact: true }).click();
    await page.getByRole("checkbox", { name: "Select Ape" }).check();
    await page.getByRole("checkbox", { name: "Select Bee" }).check();
    const bar = page.locator("#selection");
    await expect(bar).toContainText("2 selected");
    await accessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await bar.getByLabel("Day to move to").fill("2030-12-24");
    await bar.getByRole("button", { name: "Move" }).click();
    await expect(page.locator(".task", { hasText: /Ape|Bee/ })).toHaveCount(0);
    expect((await stored("Bee")).due_at).toContain("2030-12-24");
});
