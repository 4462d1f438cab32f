import { accessible, alive, COLLEAGUE, DEMO, expect, signIn, test } from "../server";

const WORDS = "See https://example.com/notes.\n\n- one\n- two";

test("a row opens its task in a panel, where each field saves itself and can be undone", async ({ page, server }) => {
    const { api, account } = await server.newcomer();
    const { id } = await (await api.post("/api/tasks", { data: { title: "Read me", description: WORDS } })).json();
    await api.post("/api/tasks", { data: { title: "Another" } });
    const stored = async () => (await api.get(`/api/tasks/${id}`)).json();
    await signIn(page, server, "/tasks", account);
    await alive(page);
    const row = page.locator(`#task-${id}`);
    const panel = page.getByRole("complementary", { name: "Task" });
    await row.locator(".task-title").click();
    await page.waitForURL(`**/tasks/${id}`);
    await expect(panel.getByRole("link", { name: "https://example.com/notes" })).toHaveAttribute("href", "https://example.com/notes");
    await expect(panel.getByRole("listitem")).toHaveText(["one", "two"]);
    await accessible(page);

    const title = panel.getByLabel("Title");
    await title.fill("Read me twice");
    await title.press("Enter");
    await expect(row.locator(".task-title")).toHaveText("Read me twice");
    await panel.getByRole("listitem").first().click();
    await expect(panel.getByLabel("Description")).toBeFocused();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("Shorter");
    await page.keyboard.press("Control+Enter");
    await expect.poll(async () => (await stored()).description).toBe("Shorter");
    await panel.getByLabel("Due on").fill("2027-01-31");
    await panel.getByLabel("Due on").blur();
    await expect(row).toContainText("31 January 2027");
    expect((await stored()).title).toBe("Read me twice");
    // Everything that was saved within the toast's time is one pile.
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(async () => (({ title, description, due_at }) => ({ title, description, due_at }))(await stored()))
        .toEqual({ title: "Read me", description: WORDS, due_at: null });
    await expect(title).toHaveValue("Read me");

    await page.keyboard.press("Escape");
    await expect(panel).toBeHidden();
    await page.waitForURL("**/tasks");
    await expect(row).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(panel).toBeVisible();
    await page.goBack();
    await expect(panel).toBeHidden();
    await row.click({ position: { x: 250, y: 10 } });
    await panel.getByRole("button", { name: "Delete" }).click();
    await expect(panel).toBeHidden();
    await expect(row).toHaveCount(0);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(row).toBeVisible();
});

test("an open task follows others, but for what is being typed", async ({ page, server }) => {
    const { api, account } = await server.newcomer();
    const { id } = await (await api.post("/api/tasks", { data: { title: "Together", description: "Before" } })).json();
    await signIn(page, server, "/tasks", account);
    await alive(page);
    await page.locator(`#task-${id}`).locator(".task-title").click();
    const panel = page.getByRole("complementary", { name: "Task" });
    const description = panel.locator(".formatted");
    await expect(description).toHaveText("Before");
    await api.patch(`/api/tasks/${id}`, { data: { description: "After" } });
    await expect(description).toHaveText("After");
    await panel.getByLabel("Title").fill("Mine");
    await api.patch(`/api/tasks/${id}`, { data: { title: "Theirs" } });
    await expect(panel.getByRole("alert")).toContainText("Someone changed this task");
    await expect(panel.getByLabel("Title")).toHaveValue("Mine");
    await api.delete(`/api/tasks/${id}`);
    await expect(panel.getByRole("alert")).toContainText("deleted");
    await expect(panel.getByLabel("Title")).toHaveValue("Mine");
});

test("a task that one may only view has no fields, and a stranger's is not found", async ({ page, other, server, quiet }) => {
    const ada = await server.api(DEMO);
    const { id } = await (await ada.post("/api/tasks", { data: { title: "Look only", description: WORDS } })).json();
    const grace = await server.api(COLLEAGUE);
    const user_id = (await (await grace.get("/api/auth/me")).json()).id;
    const { account } = await server.newcomer();
    await signIn(page, server, "/tasks", account);
    await page.goto(`${server.url}/tasks/${id}`);
    await expect(page.getByRole("heading", { name: "Look only" })).toHaveCount(0);
    quiet.length = 0;
    await ada.post(`/api/tasks/${id}/shares`, { data: { user_id, permission: "view" } });
    await signIn(other, server, `/tasks/${id}`, COLLEAGUE);
    await expect(other.getByRole("heading", { name: "Look only" })).toBeVisible();
    await expect(other.getByRole("checkbox", { name: /^Completed/ })).toBeDisabled();
    await expect(other.locator("textarea, .delete")).toHaveCount(0);
});

test.describe("without script", () => {
    test.use({ javaScriptEnabled: false });

    test("a task is a page that's edited, completed and deleted", async ({ page, server }) => {
        const { api, account } = await server.newcomer();
        const { id } = await (await api.post("/api/tasks", { data: { title: "Plain" } })).json();
        await signIn(page, server, "/tasks", account);
        await page.getByRole("link", { name: "Plain", exact: true }).click();
        await page.waitForURL(`**/tasks/${id}`);
        await page.getByLabel("Title").fill("Plain HTML");
        await page.getByLabel("Description").fill("**bold**");
        await page.getByRole("button", { name: "Save" }).click();
        await expect(page.locator("strong")).toHaveText("bold");
        await page.getByRole("checkbox", { name: /^Completed/ }).click();
        await expect(page.getByRole("checkbox", { name: /^Completed/ })).toBeChecked();
        await page.getByRole("button", { name: "Delete" }).click();
        await page.waitForURL("**/tasks");
        expect((await api.get(`/api/tasks/${id}`)).status()).toBe(404);
    });
});
