// An answer that was requested before a change must not undo the change on the page.
import type { Page, Route } from "@playwright/test";
import { alive, card, DEMO, expect, signIn, test } from "../server";

/** Lets the server answer the next request of this kind, but keeps the answer from the page until `release`. */
async function holdAnswer(page: Page, path: string) {
    let release!: () => void;
    const released = new Promise<void>((done) => (release = done));
    let answered!: () => void;
    const isHeld = new Promise<void>((done) => (answered = done));
    let delivered!: () => void;
    const isDelivered = new Promise<void>((done) => (delivered = done));
    let isFirst = true;
    await page.route(path, async (route: Route) => {
        if (!isFirst) return route.fallback();
        isFirst = false;
        const response = await route.fetch();
        answered();
        await released;
        await route.fulfill({ response });
        delivered();
    });
    return {
        /** The server has answered; the page does not know yet. */
        isHeld,
        release: async () => {
            release();
            await isDelivered;
        },
    };
}

/** The text of an element, now and whenever it changes. */
async function recordText(page: Page, selector: string) {
    await page.evaluate((selector) => {
        const element = document.querySelector(selector)!;
        const texts: string[] = ((window as any).texts = [element.textContent]);
        new MutationObserver(() => texts.push(element.textContent!)).observe(element, {
            subtree: true,
            childList: true,
            characterData: true,
        });
    }, selector);
    return () => page.evaluate(() => (window as any).texts as string[]);
}

test("a number and its note change at once", async ({ page, server }) => {
    const { api, account } = await server.newcomer();
    const due_at = new Date(Date.now() - 3 * 86_400_000).toISOString();
    const { id } = await (await api.post("/api/tasks", { data: { title: "Late", due_at } })).json();
    await signIn(page, server, "/dashboard", account);
    await alive(page);
    await expect(page.locator(".freshness")).toHaveAttribute("data-state", "live");
    const pending = page.locator(".stat", { hasText: "Pending" });
    await expect(pending).toContainText("1 overdue");
    const texts = await recordText(page, ".cards");
    await api.post(`/api/tasks/${id}/complete`);
    await expect(pending.locator(".number")).toHaveText("0");
    const numbers = (text: string) => [/Pending(\d)/.exec(text)![1], text.includes("1 overdue")];
    for (const text of await texts()) expect([["1", true], ["0", false]], text).toContainEqual(numbers(text));
});

test("a poll's answer from before a pushed change does not bring the old numbers back", async ({ page, server }) => {
    await signIn(page, server);
    await alive(page);
    await expect(page.locator(".freshness")).toHaveAttribute("data-state", "live");
    const before = await card(page, "Total tasks");
    const total = page.locator(".stat", { hasText: "Total tasks" }).locator(".number");
    const held = await holdAnswer(page, "**/api/ui/dashboard*");
    await held.isHeld;
    const ada = await server.api(DEMO);
    await ada.post("/api/tasks", { data: { title: "Pushed while a poll is under way" } });
    await expect(total).toHaveText(String(before + 1));
    const texts = await recordText(page, ".stat .number");
    await held.release();
    await page.waitForResponse("**/api/ui/dashboard*");
    await expect(total).toHaveText(String(before + 1));
    expect(await texts()).toEqual([String(before + 1)]);
});

test("a list's refetch from before the user's own change does not bring the old row back", async ({ page, server }) => {
    await signIn(page, server, "/tasks?status=pending");
    await alive(page);
    const ada = await server.api(DEMO);
    const { id } = await (await ada.post("/api/tasks", { data: { title: "Old title" } })).json();
    const task = page.locator(`#task-${id}`);
    await expect(task).toBeVisible();

    const held = await holdAnswer(page, "**/api/ui/task_rows*");
    // A change elsewhere makes the list fetch; the answer has the old title.
    await ada.post("/api/tasks", { data: { title: "Elsewhere" } });
    await held.isHeld;
    await task.getByText("Edit", { exact: true }).click();
    await task.getByRole("textbox", { name: "Title" }).fill("New title");
    await page.keyboard.press("Enter");
    await expect(task.locator(".task-title")).toHaveText("New title");
    const texts = await recordText(page, `#task-${id} .task-title`);
    await held.release();
    // The list is fetched again, and then shows both changes.
    await expect(page.locator(".task", { hasText: "Elsewhere" })).toBeVisible();
    await expect(task.locator(".task-title")).toHaveText("New title");
    expect(await texts()).toEqual(["New title"]);
});

test("an event during a change that is not answered yet shows neither the old row nor a gap", async ({ page, server }) => {
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    const ada = await server.api(DEMO);
    const { id } = await (await ada.post("/api/tasks", { data: { title: "To be completed" } })).json();
    const task = page.locator(`#task-${id}`);
    await expect(task).toBeVisible();
    // The request reaches the server only later.
    let send!: () => void;
    const sent = new Promise<void>((done) => (send = done));
    await page.route("**/api/ui/change_task", async (route) => {
        await sent;
        await route.continue();
    });
    await task.getByRole("checkbox").click();
    await expect(task.getByRole("checkbox")).toBeChecked();
    const fetched: string[] = [];
    page.on("request", (request) => request.url().includes("task_rows") && fetched.push(request.url()));
    await ada.post("/api/tasks", { data: { title: "Elsewhere" } });
    await expect(task.getByRole("checkbox")).toBeChecked();
    // No answer could be shown before the change is answered, so none is requested.
    expect(fetched).toEqual([]);
    send();
    await expect(page.locator(".task", { hasText: "Elsewhere" })).toBeVisible();
    await expect(task.getByRole("checkbox")).toBeChecked();
});
