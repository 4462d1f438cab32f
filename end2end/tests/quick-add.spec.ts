import { accessible, alive, expect, signIn, test } from "../server";

test("the key n adds tasks in one line on every page, with a preview before Enter", async ({ page, server }) => {
    await signIn(page, server);
    for (const path of ["/dashboard", "/tasks", "/settings"]) {
        await page.goto(server.url + path);
        const box = page.getByRole("dialog", { name: "Quick add" });
        const line = page.getByLabel("Add a task…");
        await page.keyboard.press("n");
        await expect(line).toBeFocused();
        // In the field a letter is a letter.
        await page.keyboard.type("Send nine notes tomorrow");
        await expect(box.getByRole("status")).toHaveText(/^Send nine notes · \w{3} \d+ \w{3}( \d{4})?$/);
        await page.keyboard.type(" @Nowhere");
        await expect(box.getByRole("status")).toContainText("Team “Nowhere” not found");
        await accessible(page);
        await line.fill(`From ${path} tomorrow`);
        await page.keyboard.press("Enter");
        await expect(box.getByRole("status")).toHaveText(`Added “From ${path}”, due tomorrow`);
        await expect(line).toHaveValue("");
        await page.keyboard.press("Escape");
        await expect(box).toBeHidden();
    }
    // A list that is open shows it at once.
    await page.goto(server.url + "/tasks?status=all");
    await alive(page);
    await page.getByRole("button", { name: "New task", exact: true }).click();
    await page.getByLabel("Add a task…").fill("Seen at once");
    await page.keyboard.press("Enter");
    await expect(page.locator(".task", { hasText: "Seen at once" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.locator(".task", { hasText: "From /settings" })).toContainText("Due tomorrow");
});

test("without a connection nothing that was typed is lost", async ({ page, server, context, quiet }) => {
    await signIn(page, server, "/settings");
    await page.keyboard.press("n");
    await context.setOffline(true);
    const line = page.getByLabel("Add a task…");
    await line.fill("Keep me");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog", { name: "Quick add" }).getByRole("status")).toContainText("Nothing was added");
    await expect(line).toHaveValue("Keep me");
    await context.setOffline(false);
    quiet.length = 0;
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog", { name: "Quick add" }).getByRole("status")).toHaveText("Added “Keep me”");
});

test("the next line can be typed while one is being sent, and none is lost", async ({ page, server, quiet }) => {
    await signIn(page, server, "/settings");
    const box = page.getByRole("dialog", { name: "Quick add" });
    const line = page.getByLabel("Add a task…");
    // Holds the next line that is sent back until `release` is called with whether it arrives.
    const hold = async () => {
        let release = (_: boolean) => {};
        const arrives = new Promise<boolean>((resolve) => (release = resolve));
        await page.route("**/api/ui/quick_add", async (route) => ((await arrives) ? route.continue() : route.abort()), { times: 1 });
        return release;
    };
    await page.keyboard.press("n");
    let release = await hold();
    await page.keyboard.type("First");
    await page.keyboard.press("Enter");
    await page.keyboard.type("Second");
    await page.keyboard.press("Enter");
    await page.keyboard.type("Third");
    release(true);
    await expect.poll(() => server.titles()).toEqual(expect.arrayContaining(["First", "Second"]));
    await expect(line).toHaveValue("Third");

    release = await hold();
    await page.keyboard.press("Enter");
    await page.keyboard.type("Fourth");
    await page.keyboard.press("Enter");
    await page.keyboard.type("Fi");
    release(false);
    await expect(box.getByRole("status")).toContainText("Nothing was added");
    await expect(line).toHaveValue("Third Fourth Fi");
    quiet.length = 0;
    expect((await server.titles()).slice(0, 2)).toEqual(["Second", "First"]);
});

test("without script the button opens the form, which adds and leads back", async ({ browser, server }) => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await signIn(page, server, "/settings");
    await page.getByRole("button", { name: "New task", exact: true }).click();
    await page.getByLabel("Add a task…").fill("By hand today");
    // The form leads back to the page: another document, which is there when the navigation is committed.
    const led = page.waitForEvent("framenavigated");
    await page.keyboard.press("Enter");
    await led;
    await page.waitForLoadState();
    expect(page.url()).toBe(server.url + "/settings");
    await page.goto(server.url + "/tasks?status=all");
    await expect(page.locator(".task", { hasText: "By hand" })).toContainText("Due today");
    await context.close();
});
