import type { Page } from "@playwright/test";
import { accessible, alive, COLLEAGUE, DEMO, expect, type Server, signIn, test } from "../server";

/** What the page's browser was asked to show; the page believes that it is hidden when `hidden` is set. */
type Watched = { shown: string[]; hidden: boolean };
declare global {
    interface Window {
        watched: Watched;
    }
}

/** A headless browser shows no notifications: what the page asks for is written down. */
async function watch(page: Page) {
    await page.addInitScript(() => {
        const watched = { shown: [] as string[], hidden: false };
        window.watched = watched;
        Object.defineProperty(document, "hidden", { get: () => watched.hidden });
        window.Notification = class {
            static permission = "granted";
            static requestPermission = async () => "granted";
            constructor(_title: string, options: { body: string }) {
                watched.shown.push(options.body);
            }
        } as unknown as typeof Notification;
    });
}

/** Grace shares a new task with Ada. */
async function share(server: Server, title: string) {
    const grace = await server.api(COLLEAGUE);
    const task = await (await grace.post("/api/tasks", { data: { title } })).json();
    expect((await grace.post(`/api/tasks/${task.id}/shares`, { data: { email: DEMO.email } })).status()).toBe(201);
}

test("a new notification appears immediately, is counted, and is read on its page", async ({ page, server }) => {
    await watch(page);
    await signIn(page, server, "/settings/notifications");
    await page.getByLabel("A task is shared with you: Desktop notification").check();
    await expect(page.getByLabel("A task is shared with you: In Tallyboard")).toBeChecked();
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Your settings are saved.")).toBeVisible();
    await accessible(page);

    const bell = page.locator("#bell");
    const toast = page.locator("#news .toast");
    await page.goto(`${server.url}/dashboard`);
    await alive(page);
    await expect(bell).toBeVisible();
    await share(server, "Buy milk");
    await expect(toast).toContainText("Grace Hopper shared “Buy milk” with you");
    await expect(page.locator(".bell-count")).toHaveText("1");
    await accessible(page);
    await toast.getByRole("button", { name: "Close" }).click();
    await expect(toast).toHaveCount(0);

    // Out of view the browser shows what is new, and a page without a socket asks by itself.
    await page.evaluate(() => (window.watched.hidden = true));
    await share(server, "Buy tea");
    await expect.poll(() => page.evaluate(() => window.watched.shown)).toEqual(["Grace Hopper shared “Buy tea” with you"]);
    await expect(toast).toHaveCount(0);
    await page.goto(`${server.url}/settings`);
    await expect(page.locator(".bell-count")).toHaveText("2");
    await expect(toast).toHaveCount(0);
    await share(server, "Buy figs");
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await expect(toast).toContainText("Buy figs");

    await bell.click();
    const list = page.locator(".notifications li");
    await expect(list).toHaveCount(3);
    await expect(list.first()).toContainText("Grace Hopper shared “Buy figs” with you");
    await accessible(page);
    await page.getByRole("button", { name: "Mark all as read" }).click();
    await expect(page.getByText("New", { exact: true })).toHaveCount(0);
    await expect(page.locator(".bell-count")).toBeHidden();
    await list.first().getByRole("link").click();
    await expect(page.locator(".task")).toContainText("Buy figs");
});

test("a browser that blocks notifications says so when they are chosen, and on every later visit", async ({ page, server }) => {
    // Granting anything else denies notifications.
    await page.context().grantPermissions(["geolocation"]);
    await signIn(page, server, "/settings/notifications");
    expect(await page.evaluate(() => Notification.permission)).toBe("denied");
    const note = page.locator("#browser-note");
    await expect(note).toContainText("Desktop notifications appear while");
    await page.getByLabel("A task is shared with you: Desktop notification").check();
    await expect(note).toContainText("Your browser blocks notifications from this site");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Your settings are saved.")).toBeVisible();
    await expect(note).toContainText("Your browser blocks notifications from this site");
});

test.describe("without script", () => {
    test.use({ javaScriptEnabled: false });
    test("the settings, the bell and the list work", async ({ page, server }) => {
        await signIn(page, server, "/settings/notifications");
        await page.getByLabel("A task is shared with you: In Tallyboard").check();
        await page.getByRole("button", { name: "Save" }).click();
        await expect(page.getByText("Your settings are saved.")).toBeVisible();
        await share(server, "Buy milk");
        await page.locator("#bell").click();
        await expect(page.locator(".notifications li")).toHaveCount(1);
        await page.getByRole("button", { name: "Mark all as read" }).click();
        await expect(page.getByRole("button", { name: "Mark all as read" })).toHaveCount(0);
    });
});
