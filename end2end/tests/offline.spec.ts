import type { Page } from "@playwright/test";
import { accessible, alive, card, DEMO, expect, type Server, signIn, signOut, test } from "../server";

declare global {
    interface Window {
        badges: number[];
    }
}

/** The page believes that it is the installed app; what it asks to be shown on its icon is written down. */
async function install(page: Page) {
    await page.addInitScript(() => {
        const ask = window.matchMedia.bind(window);
        window.matchMedia = (query) =>
            query.includes("standalone") ? Object.assign(ask("all"), {}) : ask(query);
        window.badges = [];
        navigator.setAppBadge = async (count?: number) => void window.badges.push(count!);
        navigator.clearAppBadge = async () => void window.badges.push(0);
    });
}

/** Opens a page until it is served by the service worker, which keeps it. */
async function openKept(page: Page, server: Server, path: string) {
    await page.goto(server.url + path);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
    await alive(page);
    const isKept = (path: string) => page.evaluate(async (path) => (await caches.match(path)) !== undefined, path);
    await expect.poll(() => isKept(path)).toBe(true);
}

/** Forgets what the console said of the stopped server, once the page can say no more. */
async function forget(page: Page, quiet: string[]) {
    await page.goto("about:blank");
    quiet.length = 0;
}

test("the installed app opens offline with the last numbers and their age", async ({ page, server, quiet }) => {
    await install(page);
    await signIn(page, server);
    await openKept(page, server, "/dashboard");
    const total = await card(page, "Total");
    const note = page.getByText("No connection. This is what was here on");
    await expect(note).toHaveCount(0);

    await server.stop();
    await page.goto(`${server.url}/dashboard`);
    await expect(note).toBeVisible();
    await alive(page);
    expect(await card(page, "Total")).toBe(total);
    await accessible(page);
    await page.goto(`${server.url}/teams`);
    await expect(page.getByRole("heading", { name: "No connection" })).toBeVisible();
    await accessible(page);
    await page.getByRole("link", { name: "The dashboard" }).click();
    await expect(note).toBeVisible();

    await server.start();
    await page.goto(`${server.url}/dashboard`);
    await alive(page);
    await expect(note).toHaveCount(0);
    // What is kept belongs to who is signed in.
    await signOut(page);
    await page.waitForURL(/signin/);
    await server.stop();
    await page.goto(`${server.url}/dashboard`);
    await expect(page.getByRole("heading", { name: "No connection" })).toBeVisible();
    await forget(page, quiet);
    await server.start();
});

test("a browser without the installed app stores nothing", async ({ page, server }) => {
    await signIn(page, server);
    await alive(page);
    const kept = await page.evaluate(async () => [await caches.keys(), (await navigator.serviceWorker.getRegistrations()).length]);
    expect(kept).toEqual([[], 0]);
});

test("a task added offline waits visibly, and is sent once", async ({ page, server, quiet }) => {
    await install(page);
    await signIn(page, server, "/tasks?status=all");
    await openKept(page, server, "/tasks");
    const waiting = page.getByRole("list", { name: "Waiting to be sent" }).getByRole("listitem");
    const add = async (text: string) => {
        await page.keyboard.press("n");
        await page.getByLabel("Add a task…").fill(text);
        await page.keyboard.press("Enter");
        await expect(page.getByLabel("Add a task…")).toHaveValue("");
    };
    await server.stop();
    await add("Buy milk tomorrow");
    await expect(page.getByRole("dialog", { name: "Quick add" }).getByRole("status")).toContainText("Saved here");
    await expect(waiting).toHaveText([/^Buy milk tomorrow is waiting for a connection/]);
    await accessible(page);
    await page.reload();
    await expect(page.locator(".quick-add-button .bell-count")).toHaveText("1");
    await add("Never mind");
    await add("In a team that is not there @Nowhere");
    await expect(waiting).toHaveCount(3);
    await page.getByRole("button", { name: "Remove Never mind" }).click();
    await expect(waiting).toHaveCount(2);

    await server.start();
    await page.evaluate(() => dispatchEvent(new Event("online")));
    // What cannot be added stays, with the reason.
    await expect(waiting).toHaveText([/Team “Nowhere” not found/]);
    await expect.poll(() => server.titles()).toContain("Buy milk");
    await expect(page.locator(".task", { hasText: "Buy milk" })).toContainText("tomorrow");
    await page.getByRole("button", { name: /^Remove In a team/ }).click();
    await expect(page.locator(".quick-add-button .bell-count")).toBeHidden();

    // The first attempt arrives, and its answer is lost.
    await page.route("**/api/ui/quick_add", async (route) => {
        await route.fetch();
        await route.abort();
    });
    await page.keyboard.press("Escape");
    await add("Once and no more");
    await expect(waiting).toHaveCount(1);
    await page.unroute("**/api/ui/quick_add");
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await expect(waiting).toHaveCount(0);
    expect((await server.titles()).filter((title) => title === "Once and no more")).toHaveLength(1);

    // Somebody else wrote that on this device: it is neither shown nor sent.
    await page.evaluate(() => {
        const theirs = { text: "Of somebody else", key: "k", user: "019f0000-0000-7000-8000-000000000000", written: Date.now() };
        localStorage.setItem("waiting-tasks", JSON.stringify([theirs]));
    });
    await page.reload();
    await alive(page);
    await add("A mark");
    await expect.poll(() => server.titles()).toContain("A mark");
    await expect(waiting).toHaveCount(0);
    expect(await server.titles()).not.toContain("Of somebody else");
    expect(await page.evaluate(() => localStorage.getItem("waiting-tasks"))).toContain("Of somebody else");
    await forget(page, quiet);
});

test("a task added offline on Today keeps the day of the page", async ({ page, server, quiet }) => {
    await install(page);
    await signIn(page, server, "/today");
    await openKept(page, server, "/today");
    await alive(page);
    await server.stop();
    const line = page.getByLabel("New task");
    await line.fill("Water the plants");
    await line.press("Enter");
    await expect(line).toHaveValue("");
    await expect(page.locator("#undo")).toContainText("Saved here");
    await expect(page.locator(".task", { hasText: "Water the plants" })).toBeVisible();
    await server.start();
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await expect(page.getByRole("region", { name: "Today", exact: true }).locator(".task", { hasText: "Water the plants" })).toContainText("Due today");
    await forget(page, quiet);
});

test("the app's icon says how many tasks are overdue", async ({ page, server }) => {
    const api = await server.api(DEMO);
    const { items } = await (await api.get("/api/tasks?due=overdue&status=pending&access=change&limit=100")).json();
    await install(page);
    await signIn(page, server);
    await expect.poll(() => page.evaluate(() => window.badges.at(-1))).toBe(items.length);
    await api.post("/api/tasks", { data: { title: "Late", due_at: "2026-01-01T00:00:00Z" } });
    await page.evaluate(() => dispatchEvent(new Event("tasks-changed")));
    await expect.poll(() => page.evaluate(() => window.badges.at(-1))).toBe(items.length + 1);
});
