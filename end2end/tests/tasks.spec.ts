import { accessible, alive, COLLEAGUE, DEMO, expect, signIn, test } from "../server";

test("add with Enter, complete, reopen, edit, delete and undo", async ({ page, server }) => {
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    const api = await server.api(DEMO);
    const stored = async (title: string) => (await (await api.get(`/api/tasks?q=${encodeURIComponent(title)}`)).json()).items;

    await page.getByLabel("New task").fill("Water the plants");
    await page.keyboard.press("Enter");
    const task = page.locator(".task").first();
    await expect(task).toContainText("Water the plants");
    await expect(page.getByLabel("New task")).toHaveValue("");

    await task.getByRole("checkbox").click();
    await expect(task.getByRole("checkbox")).toBeChecked();
    await expect.poll(async () => (await stored("Water the plants"))[0].status).toBe("completed");
    // A second click in the same place would count as a double click.
    await task.getByRole("checkbox").press("Space");
    await expect.poll(async () => (await stored("Water the plants"))[0].status).toBe("pending");

    await task.getByText("Edit", { exact: true }).click();
    await task.getByLabel("Title").fill("Water the garden");
    await task.getByLabel("Description").fill("before noon");
    await task.getByLabel("Due on").fill("2027-01-31");
    await task.getByRole("button", { name: "Save" }).click();
    await expect(task).toContainText("Water the garden");
    await expect(task).toContainText("Due 31 January 2027");
    await expect.poll(async () => (await stored("Water the garden"))[0]?.description).toBe("before noon");

    await task.getByText("Edit", { exact: true }).click();
    await task.getByLabel("Title").fill("Never mind");
    await page.keyboard.press("Escape");
    await expect(task.getByLabel("Title")).toBeHidden();
    await expect(task).toContainText("Water the garden");

    await task.getByRole("button", { name: "Delete" }).click();
    await expect(task).not.toContainText("Water the garden");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(task).toContainText("Water the garden");
    expect(await stored("Water the garden")).toHaveLength(1);

    await task.getByRole("button", { name: "Delete" }).click();
    await expect(page.getByRole("button", { name: "Undo" })).toBeHidden({ timeout: 10_000 });
    await expect.poll(async () => (await stored("Water the garden")).length).toBe(0);
});

test("a double click completes or deletes one task, and leaves the one that slides under the pointer", async ({ page, server }) => {
    const api = await server.api(DEMO);
    const titles = ["Twice 1", "Twice 2", "Twice 3"];
    for (const title of titles) await api.post("/api/tasks", { data: { title } });
    const left = async (status: string) => (await (await api.get(`/api/tasks?q=Twice&status=${status}`)).json()).items.length;
    await signIn(page, server, "/tasks?status=pending&q=Twice");
    await alive(page);
    const twice = async (name: string, role: "checkbox" | "button", pause: number) => {
        await page.locator(".task").first().hover();
        const box = (await page.locator(".task").first().getByRole(role, { name }).boundingBox())!;
        await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
        await page.waitForTimeout(pause);
        await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    };
    await twice("Completed", "checkbox", 180);
    await expect(page.locator(".task")).toHaveCount(2);
    await expect.poll(() => left("completed")).toBe(1);
    // Long after a double click the same place counts again.
    await page.waitForTimeout(500);
    await twice("Delete", "button", 90);
    await expect(page.locator(".task:visible")).toHaveCount(1);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.locator(".task:visible")).toHaveCount(2);
    expect(await left("completed")).toBe(1);
    expect(await left("pending")).toBe(2);
});

test("a deletion is not lost when the page is left at once", async ({ page, server }) => {
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    await page.getByLabel("New task").fill("Leaves with me");
    await page.keyboard.press("Enter");
    const task = page.locator(".task").first();
    await expect(task).toContainText("Leaves with me");
    await task.getByRole("button", { name: "Delete" }).click();
    await page.goto(`${server.url}/settings`);
    const api = await server.api(DEMO);
    await expect.poll(async () => (await (await api.get("/api/tasks?q=Leaves")).json()).items.length).toBe(0);
});

test("a refused change is reverted, with a message", async ({ page, server, quiet }) => {
    await signIn(page, server, "/tasks?status=pending");
    await alive(page);
    const task = page.locator(".task").first();
    const title = await task.locator(".task-title").innerText();
    await server.stop();
    await task.getByRole("checkbox").click();
    await expect(page.getByRole("alert").filter({ hasText: "Couldn't change it" })).toBeVisible();
    await expect(task.getByRole("checkbox")).not.toBeChecked();
    await page.getByLabel("New task").fill("Not lost");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("alert").filter({ hasText: "Couldn't add it" })).toBeVisible();
    await expect(page.getByLabel("New task")).toHaveValue("Not lost");
    // A form that was refused comes back with what was typed.
    await task.getByText("Edit", { exact: true }).click();
    await task.getByLabel("Title").fill("Not lost either");
    await task.getByLabel("Description").fill("Nor this");
    await task.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "Couldn't save it" })).toBeVisible();
    await expect(task.getByLabel("Title")).toHaveValue("Not lost either");
    await expect(task.getByLabel("Description")).toHaveValue("Nor this");
    await expect(task.locator(".task-title")).toHaveText(title);
    await task.getByText("Edit", { exact: true }).click();
    await expect(task.locator(".task-form")).toHaveCount(0);
    await task.getByRole("button", { name: "Delete" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "Couldn't delete it" })).toBeVisible({ timeout: 12_000 });
    await expect(page.locator(".task-title").first()).toHaveText(title);
    quiet.length = 0;
});

test("the page begins with open tasks by day, and filters and search are links and a form", async ({ page, server }) => {
    const api = await server.api(DEMO);
    for (let number = 0; number < 20; number++) await api.post("/api/tasks", { data: { title: `Garden fence ${number}` } });
    await signIn(page, server, "/tasks");
    await expect(page.locator(".task.done")).toHaveCount(0);
    await expect(page.locator(".day-head h2").first()).toHaveText("Overdue");
    const count = (name: string) => page.locator(`[data-count=${name}]`).innerText();
    const { pending_tasks, completed_tasks } = await (await api.get("/api/dashboard/statistics")).json();
    expect([await count("pending"), await count("completed")]).toEqual([String(pending_tasks), String(completed_tasks)]);
    await page.getByRole("link", { name: "More tasks" }).click();
    await page.waitForURL("**/tasks?cursor=**");
    await expect(page.locator(".task")).toHaveCount(pending_tasks - 50);
    await page.getByRole("link", { name: /^Done/ }).click();
    await page.waitForURL("**/tasks?status=completed");
    await expect(page.locator(".task:not(.done)")).toHaveCount(0);
    await page.getByLabel("Search tasks").fill("GARDEN fence");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/tasks?status=completed&q=GARDEN+fence");
    for (const title of await page.locator(".task-title").allInnerTexts()) expect(title).toMatch(/garden fence/i);
    await page.getByRole("link", { name: /^All/ }).click();
    await page.waitForURL("**/tasks?q=GARDEN+fence");
});

test("a task that is due another day gets the heading of that day, and overdue ones move to today together", async ({ page, server }) => {
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    const { api, account } = await server.newcomer();
    for (const [title, days] of [["Late 1", -9], ["Late 2", -2], ["Now", 0], ["Then", 1], ["Far", 30]] as const) {
        await api.post("/api/tasks", { data: { title, due_at: day(days) } });
    }
    await api.post("/api/tasks", { data: { title: "Someday" } });
    await signIn(page, server, "/tasks", account);
    await alive(page);
    const rows = page.locator(".tasks > li");
    const words = async () => (await rows.evaluateAll((all) => all.map((row) => row.querySelector("h2, .task-title")!.textContent)));
    expect(await words()).toEqual(["Overdue", "Late 1", "Late 2", "Today", "Now", "Tomorrow", "Then", "Later", "Far", "No date", "Someday"]);
    await page.getByRole("button", { name: "Move all to today" }).click();
    await expect.poll(words).toEqual(["Today", "Now", "Late 1", "Late 2", "Tomorrow", "Then", "Later", "Far", "No date", "Someday"]);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(words).toEqual(["Overdue", "Late 1", "Late 2", "Today", "Now", "Tomorrow", "Then", "Later", "Far", "No date", "Someday"]);
    // A completed one is held under the pointer before it leaves, and the count follows.
    const then = page.locator(".task", { hasText: "Then" });
    await then.getByRole("checkbox", { name: /^Completed/ }).click();
    await expect(then).toHaveClass(/done/);
    await expect.poll(words).toEqual(["Overdue", "Late 1", "Late 2", "Today", "Now", "Later", "Far", "No date", "Someday"]);
    await expect(page.locator("[data-count=pending]")).toHaveText("5");
});

test("the keyboard alone is enough", async ({ page, server }) => {
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    const press = async (key: string, times = 1) => {
        for (let count = 0; count < times; count++) await page.keyboard.press(key);
    };
    await page.getByLabel("New task").focus();
    await page.keyboard.type("By keyboard");
    await press("Enter");
    const task = page.locator(".task").first();
    await expect(task).toContainText("By keyboard");
    await task.getByRole("checkbox").focus();
    await press("Space");
    await expect(task.getByRole("checkbox")).toBeChecked();
    await press("Tab", 2);
    await press("Enter");
    await expect(task.getByLabel("Title")).toBeFocused();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("Renamed by keyboard");
    await press("Enter");
    await expect(task.locator(".task-title")).toHaveText("Renamed by keyboard");
    // The first stop of every page leads past the navigation.
    await page.goto(`${server.url}/tasks?status=all`);
    await press("Tab");
    await expect(page.getByText("Skip to content")).toBeFocused();
    await press("Enter");
    await expect(page.locator("#main")).toBeFocused();
});

test("another person's shared task offers only permitted actions", async ({ page, server }) => {
    await signIn(page, server, "/tasks?shared=with_me");
    await alive(page);
    const viewOnly = page.locator(".task", { hasText: "View only" });
    expect(await viewOnly.count()).toBeGreaterThan(0);
    await expect(viewOnly.first().getByRole("checkbox")).toBeDisabled();
    await expect(viewOnly.getByRole("button", { name: /^Delete / })).toHaveCount(0);
    await expect(viewOnly.getByText("Edit")).toHaveCount(0);
    await expect(page.getByLabel("New task")).toHaveCount(0);
});

test("keyboard shortcuts can be turned off", async ({ page, server }) => {
    await signIn(page, server, "/settings");
    const choice = page.getByRole("checkbox", { name: "Keyboard shortcuts" });
    const quickAdd = page.getByRole("dialog", { name: "Quick add" });
    await choice.click();
    await expect(choice).not.toBeChecked();
    await page.goto(`${server.url}/tasks?status=all`);
    await alive(page);
    // `c` would complete the first task, on which `j` would be.
    for (const key of ["n", "j", "c", "/", "?"]) await page.keyboard.press(key);
    await expect(quickAdd).toBeHidden();
    await expect(page.locator(".task:focus, dialog[open]")).toHaveCount(0);
    // Letters typed into a field aren't shortcuts.
    await page.getByLabel("New task").fill("");
    await page.getByLabel("New task").pressSequentially("jn");
    await page.keyboard.press("Enter");
    await expect(page.locator(".task").first()).toContainText("jn");
    await page.goto(`${server.url}/settings`);
    await choice.click();
    await expect(choice).toBeChecked();
    await page.keyboard.press("n");
    await expect(quickAdd).toBeVisible();
});

test("keys move from task to task, complete, edit, add one and search", async ({ page, server }) => {
    await signIn(page, server, "/tasks?status=pending");
    await alive(page);
    const tasks = page.locator(".task");
    await page.keyboard.press("j");
    await expect(tasks.nth(0)).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await expect(tasks.nth(1)).toBeFocused();
    await page.keyboard.press("k");
    await expect(tasks.nth(0)).toBeFocused();
    await page.keyboard.press("e");
    const title = tasks.nth(0).getByLabel("Title");
    await expect(title).toBeFocused();
    // In a field a letter is a letter.
    await title.fill("");
    await page.keyboard.type("jxen/?");
    await expect(title).toHaveValue("jxen/?");
    await page.keyboard.press("Escape");
    await expect(title).toHaveCount(0);
    // Last of what concerns a task: a completed one soon leaves the list of pending ones.
    await page.keyboard.press("j");
    await page.keyboard.press("c");
    await expect(tasks.getByRole("checkbox", { checked: true }).first()).toBeVisible();
    await page.keyboard.press("n");
    await expect(page.getByLabel("Add a task…")).toBeFocused();
    await page.keyboard.press("Escape");
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press("/");
    await expect(page.getByLabel("Search tasks")).toBeFocused();
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeHidden();
});

test("on a touch screen a task's actions are one menu", async ({ browser, server }) => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const page = await context.newPage();
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    await page.getByLabel("New task").fill("From the phone");
    await page.keyboard.press("Enter");
    const task = page.locator(".task").first();
    await expect(task).toContainText("From the phone");
    expect((await task.boundingBox())!.height).toBeLessThan(70);
    await expect(task.getByText("Edit", { exact: true })).toBeHidden();
    await task.getByRole("button", { name: "Actions for From the phone" }).tap();
    await task.getByText("Edit", { exact: true }).tap();
    await expect(task.getByText("Edit", { exact: true })).toBeHidden();
    await task.getByLabel("Title").fill("Edited by touch");
    await task.getByRole("button", { name: "Save" }).tap();
    await expect(task).toContainText("Edited by touch");
    await context.close();
});

test("a due date is written in words, in red when it has passed", async ({ page, server }) => {
    const api = await server.api(DEMO);
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    for (const [title, days] of [["Now", 0], ["Soon", 5], ["Late", -3]] as const) {
        await api.post("/api/tasks", { data: { title: `${title} due`, due_at: day(days) } });
    }
    await signIn(page, server, "/tasks?q=due");
    const due = (title: string) => page.locator(".task", { hasText: title }).locator("time");
    await expect(due("Now due")).toHaveText(/^Due today, \d\d:\d\d$/);
    await expect(due("Soon due")).toHaveText(/^Due in 5 days, \d\d:\d\d$/);
    await expect(due("Soon due")).toHaveAttribute("title", day(5).slice(0, 10));
    await expect(due("Late due")).toHaveText("3 days overdue");
    await expect(due("Late due")).toHaveClass("late");
});

test("a list is saved under a name, opened, and deleted", async ({ page, server }) => {
    await signIn(page, server, "/tasks?status=completed&sort=title");
    await alive(page);
    const menu = page.locator(".lists > summary");
    await menu.click();
    await page.getByText("Save this list").click();
    await page.getByLabel("Name of the list").fill("What is next");
    await page.keyboard.press("Enter");
    const saved = page.getByRole("navigation", { name: "Saved lists" });
    await expect(page.getByRole("heading", { name: "What is next" })).toBeVisible();
    await page.goto(server.url + "/tasks");
    await menu.click();
    await saved.getByRole("link", { name: "What is next" }).click();
    await page.waitForURL("**/tasks?status=completed&sort=title");
    await alive(page);
    await menu.click();
    await expect(saved.getByRole("link", { name: "What is next" })).toHaveAttribute("aria-current", "page");
    await accessible(page);
    await saved.getByRole("button", { name: "Delete the saved list What is next" }).click();
    await page.waitForURL("**/tasks?sort=title&status=completed");
    await menu.click();
    await expect(page.getByText("Save this list")).toBeVisible();
    await expect(saved.getByRole("link", { name: "What is next" })).toHaveCount(0);
});

test("a row that leaves the list passes the focus to the next one", async ({ page, server }) => {
    await signIn(page, server, "/tasks?status=pending");
    await alive(page);
    const second = await page.locator(".task-title").nth(1).innerText();
    await page.keyboard.press("j");
    await page.keyboard.press("c");
    await expect(page.locator(".task-title").first()).toHaveText(second);
    await expect(page.locator(".task").first()).toBeFocused();
    // Escape gives the focus of the form back to its row.
    await page.keyboard.press("e");
    await expect(page.locator(".task").first().getByLabel("Title")).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(page.locator(".task").first()).toBeFocused();
});

test("somebody who may no longer change a task sees its form close", async ({ other, server }) => {
    const ada = await server.api(DEMO);
    const { id } = await (await ada.post("/api/tasks", { data: { title: "Shared for a while" } })).json();
    const grace = await server.api(COLLEAGUE);
    const user_id = (await (await grace.get("/api/auth/me")).json()).id;
    await ada.post(`/api/tasks/${id}/shares`, { data: { user_id, permission: "edit" } });
    await signIn(other, server, "/tasks?shared=with_me", COLLEAGUE);
    await alive(other);
    const row = other.locator(`#task-${id}`);
    await row.getByText("Edit", { exact: true }).click();
    await expect(row.getByLabel("Title")).toBeFocused();
    await ada.patch(`/api/tasks/${id}/shares/${user_id}`, { data: { permission: "view" } });
    await expect(row).toContainText("View only");
    await expect(row.locator(".task-form")).toHaveCount(0);
    await expect(row.getByRole("checkbox").last()).toBeDisabled();
});
