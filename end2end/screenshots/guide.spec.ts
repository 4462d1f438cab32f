// The pictures of docs/GUIDE.md, from the demo data: `make screenshots`.
import type { Page } from "@playwright/test";
import { resolve } from "node:path";
import { withDevice } from "../passkeys";
import { alive, COLLEAGUE, DEMO, expect, signIn, test } from "../server";

const folder = resolve(import.meta.dirname, "../../docs/screenshots");

async function picture(page: Page, name: string) {
    await alive(page);
    await page.screenshot({ path: resolve(folder, `${name}.png`) });
}

test("the guide's pictures", async ({ page, server }) => {
    await page.setViewportSize({ width: 1100, height: 700 });
    await page.emulateMedia({ reducedMotion: "reduce" });
    const api = await server.api(DEMO);
    await api.put("/api/dashboard/goals", { data: { daily: 5, weekly: 20, days_off: ["sunday"] } });
    await signIn(page, server);
    await picture(page, "dashboard");
    await page.goto(`${server.url}/review`);
    await page.screenshot({ path: resolve(folder, "review.png") });
    await page.goto(`${server.url}/today`);
    await picture(page, "today");
    await page.goto(`${server.url}/tasks?status=pending`);
    await picture(page, "tasks");
    for (const row of [1, 2]) {
        await page.locator(".task").nth(row).focus();
        await page.keyboard.press("x");
    }
    await picture(page, "selection");
    await page.keyboard.press("Escape");
    await page.locator('.task a[href$="/shares"]').first().click({ force: true });
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Email address").fill(COLLEAGUE.email);
    await dialog.getByRole("button", { name: "Share" }).click();
    await dialog.locator(".people li").waitFor();
    await picture(page, "share");
    await page.goto(`${server.url}/teams`);
    await page.getByRole("link", { name: "Household" }).click();
    await page.waitForURL("**/teams/*-*");
    await picture(page, "team");
    await page.goto(`${server.url}/chat`);
    await page.getByLabel("Title of the new conversation").fill("This week");
    await page.getByRole("button", { name: "New conversation" }).click();
    await page.waitForURL("**/chat/*-*");
    await alive(page);
    const commands = [
        "/add Call the dentist friday",
        "/add Water the tomatoes tomorrow @Household",
        "/done tomatoes",
        `/share dentist ${COLLEAGUE.email}`,
    ];
    for (const command of commands) {
        const answers = await page.locator(".message:not(.mine)").count();
        await page.getByLabel("Message", { exact: true }).fill(command);
        await page.getByRole("button", { name: "Send" }).click();
        await expect(page.locator(".message:not(.mine)")).toHaveCount(answers + 1);
    }
    await picture(page, "chat");

    const everything = ["shared_with_me", "added_to_team", "task_changed"].map((topic) => ({ topic, channels: ["page"] }));
    await api.put("/api/notifications/settings", { data: { choices: everything } });
    const grace = await server.api(COLLEAGUE);
    for (const title of ["Book the ferry", "Read the lease"]) {
        const task = await (await grace.post("/api/tasks", { data: { title } })).json();
        await grace.post(`/api/tasks/${task.id}/shares`, { data: { email: DEMO.email } });
    }
    // Another session's choice is there after a few seconds.
    await expect(async () => {
        await page.goto(`${server.url}/notifications`);
        await expect(page.locator(".bell-count")).toHaveText("2", { timeout: 1000 });
    }).toPass();
    await page.screenshot({ path: resolve(folder, "notifications.png") });

    await page.goto(`${server.url}/settings/two-step`);
    await page.getByLabel("Your password").fill(DEMO.password);
    await page.getByRole("button", { name: "Set it up" }).click();
    await page.locator(".qr-code").waitFor();
    await page.screenshot({ path: resolve(folder, "two-step.png") });
    const named = { url: server.url.replace("127.0.0.1", "localhost") };
    await withDevice(page);
    await signIn(page, named, "/settings/passkeys");
    await page.getByLabel("Name").fill("My phone");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByRole("button", { name: "Remove My phone" }).waitFor();
    await page.screenshot({ path: resolve(folder, "passkeys.png") });
});
