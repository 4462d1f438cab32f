import type { Page } from "@playwright/test";
import { accessible, alive, card, COLLEAGUE, DEMO, expect, Server, signIn, test } from "../server";

const SOON = { timeout: 1_000 };

async function live(page: Page) {
    await alive(page);
    await expect(page.locator(".freshness")).toHaveAttribute("data-state", "live");
}

/** A server whose pages poll so rarely that what shows came by an event. */
const quietServer = () => new Server({ TALLYBOARD_DASHBOARD_POLL_SECONDS: "3600" });

test("a change anywhere is on an open dashboard within a second", async ({ page, browser }) => {
    const server = quietServer();
    server.seed();
    await server.start();
    try {
        await signIn(page, server);
        await live(page);
        const asked: string[] = [];
        page.on("request", (request) => asked.push(request.url()));
        const [total, pending, shared] = [await card(page, "Total tasks"), await card(page, "Pending"), await card(page, "Shared with me")];
        const number = (label: string) => page.locator(".stat", { hasText: label }).locator(".number");
        const ada = await server.api(DEMO);
        const { id } = await (await ada.post("/api/tasks", { data: { title: "From elsewhere" } })).json();
        await expect(number("Total tasks")).toHaveText(String(total + 1), SOON);
        await expect(number("Pending")).toHaveText(String(pending + 1), SOON);
        await ada.delete(`/api/tasks/${id}`);
        await expect(number("Total tasks")).toHaveText(String(total), SOON);
        // An event of the numbers is one request for all that the page shows, and one for the count at Today.
        const counts = ["/api/ui/dashboard", "/api/ui/due_count"].map((path) => asked.filter((url) => url.includes(path)).length);
        expect(counts[0] + counts[1]).toBe(asked.length);
        for (const count of counts) expect(count).toBeLessThanOrEqual(4);

        // Another person's browser: what she shares counts here at once.
        const context = await browser.newContext();
        const other = await context.newPage();
        await signIn(other, server, "/tasks", COLLEAGUE);
        await alive(other);
        await other.getByLabel("New task").fill("For Ada");
        await other.keyboard.press("Enter");
        await other.getByRole("link", { name: "Share For Ada" }).click();
        await other.getByRole("dialog").getByLabel("Email address").fill(DEMO.email);
        await other.keyboard.press("Enter");
        await expect(number("Shared with me")).toHaveText(String(shared + 1), { timeout: 2_000 });
        await accessible(page);
        await context.close();
    } finally {
        await page.goto("about:blank");
        await server.remove();
    }
});

test("lists update without losing the focus or typed text", async ({ page, server }) => {
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    const ada = await server.api(DEMO);
    const input = page.getByLabel("New task");
    await input.fill("Half a th");
    const { id } = await (await ada.post("/api/tasks", { data: { title: "By the API" } })).json();
    const task = page.locator(`#task-${id}`);
    await expect(task).toBeVisible(SOON);
    await expect(page.locator(".task").first()).toHaveId(`task-${id}`);
    await expect(input).toBeFocused();
    await expect(input).toHaveValue("Half a th");
    await ada.post(`/api/tasks/${id}/complete`);
    await expect(task.getByRole("checkbox")).toBeChecked(SOON);

    // The page's own task is added once, even if its event arrives too.
    await input.fill("My own");
    await page.keyboard.press("Enter");
    await expect(page.locator(".task", { hasText: "My own" })).toHaveCount(1);
    await ada.patch(`/api/tasks/${id}`, { data: { title: "Renamed by the API" } });
    await expect(task.locator(".task-title")).toHaveText("Renamed by the API", SOON);
    await expect(page.locator(".task", { hasText: "My own" })).toHaveCount(1);
    await ada.delete(`/api/tasks/${id}`);
    await expect(task).toHaveCount(0, SOON);
});

test("another person's change during an edit is shown beside one's own", async ({ page, server, quiet }) => {
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    const ada = await server.api(DEMO);
    const task = page.locator(".task").first();
    const id = (await task.getAttribute("id"))!.replace("task-", "");
    await task.getByText("Edit", { exact: true }).click();
    await task.getByLabel("Title").fill("Mine");
    await ada.patch(`/api/tasks/${id}`, { data: { title: "Theirs", description: "And why" } });
    await expect(task.locator(".conflict")).toContainText("It is now “Theirs”", SOON);
    await expect(task.locator(".conflict")).toContainText("And why");
    await expect(task.getByLabel("Title")).toHaveValue("Mine");
    await expect(task.getByLabel("Title")).toBeFocused();
    await task.getByRole("button", { name: "Use their version" }).click();
    await expect(task.getByLabel("Title")).toHaveValue("Theirs");
    await expect(task.getByLabel("Description")).toHaveValue("And why");
    await expect(task.locator(".conflict")).toBeHidden();
    // When a task is deleted during an edit, the typed text survives.
    await task.getByLabel("Description").fill("Still typing");
    await ada.delete(`/api/tasks/${id}`);
    await (await ada.post("/api/tasks", { data: { title: "A later one" } })).json();
    await expect(page.locator(".task", { hasText: "A later one" })).toBeVisible(SOON);
    await expect(page.getByLabel("Description").and(page.locator(":focus"))).toHaveValue("Still typing");
    await expect(page.getByText("This task was deleted")).toBeVisible();
    // The page asks whether the task is gone, and browsers log every 404.
    expect(quiet.every((line) => line.includes("404"))).toBe(true);
    quiet.length = 0;
});

test("members and messages update, too", async ({ page, other, server }) => {
    await signIn(page, server, "/teams");
    await page.getByRole("link", { name: "Household" }).click();
    await page.waitForURL("**/teams/*-*");
    await alive(page);
    await signIn(other, server, "/teams", COLLEAGUE);
    await other.getByRole("link", { name: "Household" }).click();
    await other.waitForURL("**/teams/*-*");
    await alive(other);
    await page.getByLabel("What Grace Hopper may do").selectOption("admin");
    await expect(other.locator(".people li", { hasText: "Grace Hopper" })).toContainText("Admin", SOON);

    const ada = await server.api(DEMO);
    const conversation = (await (await ada.get("/api/conversations")).json()).items[0].id;
    await page.goto(`${server.url}/chat/${conversation}`);
    await alive(page);
    await page.getByLabel("Message").fill("I am wri");
    const messages = `/api/conversations/${conversation}/messages`;
    await ada.post(messages, { data: { role: "assistant", content: "One more thing." } });
    await expect(page.locator(".message").last()).toContainText("One more thing.", SOON);
    await expect(page.getByLabel("Message")).toHaveValue("I am wri");
    await page.getByLabel("Message").fill("Said once");
    await page.getByRole("button", { name: "Send" }).click();
    await expect(page.locator(".message").last()).toContainText("This server has no AI model yet", SOON);
    await ada.post(messages, { data: { role: "assistant", content: "Heard." } });
    await expect(page.locator(".message").last()).toContainText("Heard.");
    await expect(page.locator(".message", { hasText: "Said once" })).toHaveCount(1);
});

test("when a server restarts the indicator says so, then the numbers are right", async ({ page, server, quiet }) => {
    await signIn(page, server);
    await live(page);
    const before = await card(page, "Total tasks");
    await server.stop();
    await expect(page.locator(".freshness")).not.toHaveAttribute("data-state", "live");
    await server.start();
    const ada = await server.api(DEMO);
    await ada.post("/api/tasks", { data: { title: "While nobody heard" } });
    await expect(page.locator(".freshness")).toHaveAttribute("data-state", "live", { timeout: 20_000 });
    await expect(page.locator(".stat", { hasText: "Total tasks" }).locator(".number")).toHaveText(String(before + 1));
    quiet.length = 0;
});

test("behind a proxy that blocks WebSockets polling still updates the numbers", async ({ page, server }) => {
    // Opened and never answered: the worst that proxies do.
    await page.routeWebSocket("**/api/ws", () => {});
    await signIn(page, server);
    await alive(page);
    await expect(page.locator(".freshness")).toHaveAttribute("data-state", "polling");
    const before = await card(page, "Total tasks");
    const ada = await server.api(DEMO);
    await ada.post("/api/tasks", { data: { title: "Polled" } });
    await expect(page.locator(".stat", { hasText: "Total tasks" }).locator(".number")).toHaveText(String(before + 1), { timeout: 6_000 });
});
