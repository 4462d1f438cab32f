import type { Page } from "@playwright/test";
import { alive, COLLEAGUE, DEMO, expect, signIn, test } from "../server";

/** How many listeners the page's window has. */
async function listeners(page: Page): Promise<number> {
    const devtools = await page.context().newCDPSession(page);
    const { result } = await devtools.send("Runtime.evaluate", { expression: "window" });
    const found = await devtools.send("DOMDebugger.getEventListeners", { objectId: result.objectId! });
    await devtools.detach();
    return found.listeners.length;
}

test("a dialog that was opened 50 times listens no more than one that was never opened", async ({ page, server }) => {
    const api = await server.api(DEMO);
    for (const title of ["Milk", "Bread"]) expect((await api.post("/api/tasks", { data: { title } })).status()).toBe(201);
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    const row = (title: string) => page.locator(".task", { hasText: title });
    const dialog = page.locator("#shares");
    const open = async (title: string) => {
        await row(title).hover();
        await row(title).getByRole("link", { name: "Share" }).click();
        await expect(dialog.getByLabel("Email")).toBeVisible();
    };
    const requests: string[] = [];
    page.on("request", (request) => requests.push(new URL(request.url()).pathname));
    /** What the page asks the server for after one change of a selected task. */
    const afterOneChange = async (title: string, isDone: boolean) => {
        await row(title).focus();
        await page.keyboard.press("x");
        requests.length = 0;
        const fetched = page.waitForResponse((response) => response.url().includes("/api/ui/task_rows"));
        await page.keyboard.press("c");
        await fetched;
        await expect(row(title).getByRole("checkbox", { name: "Completed" })).toHaveAttribute("aria-checked", String(isDone));
        return [...requests].sort();
    };

    const listening = await listeners(page);
    for (let times = 0; times < 50; times++) {
        await open("Milk");
        if (times % 2) await page.keyboard.press("Escape");
        else await dialog.getByRole("button", { name: "Close" }).click();
        await expect(dialog).toBeHidden();
    }
    expect(await listeners(page)).toBe(listening);
    expect((await afterOneChange("Bread", true)).filter((path) => path.includes("share"))).toEqual([]);

    // What is open follows, by one request for one change.
    await open("Milk");
    requests.length = 0;
    const { id } = (await (await api.get("/api/tasks?q=Milk")).json()).items[0];
    expect((await api.post(`/api/tasks/${id}/shares`, { data: { email: COLLEAGUE.email } })).status()).toBe(201);
    await expect(dialog.locator("li")).toContainText("Grace Hopper");
    expect(requests.filter((path) => path.includes("share"))).toHaveLength(1);
});
