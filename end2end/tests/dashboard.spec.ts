import { accessible, alive, card, Database, DEMO, expect, Server, signIn, test } from "../server";

const LABELS = ["Total tasks", "Pending", "Completed", "Shared with me"];

test("the four cards are right, and each leads to its list", async ({ page, server }) => {
    await signIn(page, server);
    const numbers: Record<string, number> = {};
    for (const label of LABELS) numbers[label] = await card(page, label);
    expect(numbers["Pending"] + numbers["Completed"]).toBe(numbers["Total tasks"]);
    const api = await server.api(DEMO);
    const statistics = await (await api.get("/api/dashboard/statistics")).json();
    expect(Object.values(numbers)).toEqual([
        statistics.total_tasks,
        statistics.pending_tasks,
        statistics.completed_tasks,
        statistics.shared_tasks,
    ]);
    for (const number of Object.values(numbers)) expect(number).toBeGreaterThan(0);
    await page.locator(".stat", { hasText: "Shared with me" }).click();
    await page.waitForURL("**/tasks?shared=with_me");
    await alive(page);
    await expect(page.locator(".task")).toHaveCount(numbers["Shared with me"]);
});

test("a change made elsewhere shows within the polling time, without a reload", async ({ page, server }) => {
    await signIn(page, server);
    await alive(page);
    const before = await card(page, "Total tasks");
    await page.evaluate(() => ((window as any).same = true));
    const api = await server.api(DEMO);
    expect((await api.post("/api/tasks", { data: { title: "From elsewhere" } })).status()).toBe(201);
    await expect(page.locator(".stat", { hasText: "Total tasks" }).locator(".number")).toHaveText(String(before + 1), {
        timeout: 7_000,
    });
    expect(await page.evaluate(() => (window as any).same)).toBe(true);
});

test("what the page shows after changes is what the server renders", async ({ page, server }) => {
    const api = await server.api(DEMO);
    await api.put("/api/dashboard/goals", { data: { daily: 5, weekly: 20 } });
    await signIn(page, server);
    await alive(page);
    const parts = (document: Document) => {
        const texts = [...document.querySelectorAll(".dashboard :is(.number, .stat-note)")].map((part) => part.textContent);
        const html = ["goals", "trend", "teams"].map((id) => document.getElementById(id)!.innerHTML);
        return [...texts, ...html];
    };
    const before = await page.evaluate(`(${parts})(document)`);
    const [team] = (await (await api.get("/api/teams")).json()).items;
    const due_at = new Date().toISOString();
    for (const data of [{ title: "Due today", due_at }, { title: "In the team", team_id: team.id }]) {
        const { id } = await (await api.post("/api/tasks", { data })).json();
        if (data.team_id) await api.post(`/api/tasks/${id}/complete`);
    }
    const rendered = async () => {
        const html = await (await page.request.get(`${server.url}/dashboard`)).text();
        return page.evaluate(`(${parts})(new DOMParser().parseFromString(${JSON.stringify(html)}, "text/html"))`);
    };
    const shown = async () => page.evaluate(`(${parts})(document)`);
    await expect(async () => {
        const now = (await shown()) as string[];
        expect(now).toEqual(await rendered());
        // Every part of it has changed, but for the shared tasks and what doesn't have its own number.
        const changed = now.filter((text, index) => text !== (before as string[])[index]);
        expect(changed.length).toBeGreaterThanOrEqual(10);
    }).toPass();
});

test("equal numbers re-render nothing", async ({ page, server }) => {
    await signIn(page, server);
    await alive(page);
    await page.evaluate(() => {
        (window as any).changes = 0;
        new MutationObserver((all) => ((window as any).changes += all.length)).observe(document.querySelector(".cards")!, {
            subtree: true,
            childList: true,
            characterData: true,
            attributes: true,
        });
    });
    await page.waitForResponse("**/api/ui/dashboard*");
    await page.waitForResponse("**/api/ui/dashboard*");
    expect(await page.evaluate(() => (window as any).changes)).toBe(0);
});

test("a stopped server gets a message and Retry; the numbers stay; Retry brings it back", async ({ page, server, quiet }) => {
    await signIn(page, server);
    await alive(page);
    const before = await card(page, "Total tasks");
    await server.stop();
    const retry = page.getByRole("button", { name: "Retry" });
    await expect(retry).toBeVisible({ timeout: 12_000 });
    await expect(page.locator(".freshness")).toHaveAttribute("data-state", "retrying");
    expect(await card(page, "Total tasks")).toBe(before);
    await server.start();
    const api = await server.api(DEMO);
    await api.post("/api/tasks", { data: { title: "While it was away" } });
    await retry.click();
    await expect(retry).toBeHidden();
    await expect(page.locator(".freshness")).toHaveAttribute("data-state", /polling|live/);
    expect(await card(page, "Total tasks")).toBe(before + 1);
    // Refused connections are what this test is about.
    expect(quiet.every((line) => line.includes("ERR_CONNECTION_REFUSED") || line.includes("ERR_EMPTY_RESPONSE"))).toBe(true);
    quiet.length = 0;
});

test("a hidden tab does not ask, and catches up when it is shown", async ({ page, server }) => {
    await signIn(page, server);
    await alive(page);
    let asked = 0;
    page.on("request", (request) => void (request.url().includes("/api/ui/dashboard") && asked++));
    const show = (state: string) =>
        page.evaluate((state) => {
            Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
            document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
        }, state);
    await page.waitForResponse("**/api/ui/dashboard*");
    await show("hidden");
    asked = 0;
    // Longer than a period: the page's own clock says when.
    await page.waitForFunction(() => document.querySelector(".age")!.textContent!.match(/updated (8|9|\d\d) s ago/));
    expect(asked).toBe(0);
    const answer = page.waitForResponse("**/api/ui/dashboard*", { timeout: 1_500 });
    await show("visible");
    await answer;
    await expect(page.locator(".age")).toHaveText("updated just now");
});

test("offline it says so and pauses; online it refetches immediately", async ({ page, server, context, quiet }) => {
    await signIn(page, server);
    await alive(page);
    await context.setOffline(true);
    await expect(page.locator(".freshness")).toHaveAttribute("data-state", "offline");
    await expect(page.locator(".freshness")).toContainText("Offline");
    await page.waitForFunction(() => document.querySelector(".age")!.textContent!.match(/updated (6|7|8|9) s ago/));
    const answer = page.waitForResponse("**/api/ui/dashboard*", { timeout: 1_500 });
    await context.setOffline(false);
    await answer;
    await expect(page.locator(".freshness")).toHaveAttribute("data-state", /polling|live/);
    expect(quiet).toEqual([]);
});

test("slow numbers show skeletons of the same size first", async ({ page, quiet }) => {
    // PostgreSQL, because there one can hold a table so that counting it waits.
    const database = await Database.create();
    const server = new Server({ DATABASE_URL: database.url });
    server.seed();
    await server.start();
    try {
        await signIn(page, server, "/settings");
        const release = await database.hold("user_counters");
        await page.goto(`${server.url}/dashboard`);
        const skeleton = page.locator(".stat .skeleton").first();
        await expect(skeleton).toBeVisible();
        const before = await page.locator(".stat").first().boundingBox();
        await release();
        await expect(skeleton).toBeHidden();
        expect(await page.locator(".stat").first().boundingBox()).toEqual(before);
        expect(await card(page, "Total tasks")).toBeGreaterThan(0);
        expect(quiet).toEqual([]);
    } finally {
        await server.remove();
    }
});

for (const [width, columns] of [
    [390, 2],
    [820, 2],
    [1440, 4],
] as const) {
    test(`${columns} columns at ${width} px, nothing sticks out`, async ({ page, server }) => {
        await page.setViewportSize({ width, height: 900 });
        await signIn(page, server);
        await alive(page);
        const tops = await page.locator(".stat").evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect().top));
        expect(tops.filter((top) => top === tops[0]).length).toBe(columns);
        for (const path of ["/dashboard", "/tasks", "/settings"]) {
            await page.goto(server.url + path);
            expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(width);
        }
    });
}

for (const colorScheme of ["light", "dark"] as const) {
    test(`axe finds nothing in ${colorScheme}`, async ({ page, server }) => {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        for (const path of ["/signin", "/signup"]) {
            await page.goto(server.url + path);
            await accessible(page);
        }
        await signIn(page, server);
        await alive(page);
        await page.getByText("Show as a table").click();
        await accessible(page);
        for (const path of ["/tasks", "/tasks?shared=with_me", "/settings"]) {
            await page.goto(server.url + path);
            await accessible(page);
        }
    });
}
