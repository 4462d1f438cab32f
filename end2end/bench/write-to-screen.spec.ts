// From a write's request to the number on an open dashboard, in milliseconds: `make bench`.
import { Database, DEMO, Server, signIn, test } from "../server";

const WRITES = 200;

async function measure(page: import("@playwright/test").Page, shown: Server, written: Server, what: string) {
    await signIn(page, shown);
    await page.locator('.freshness[data-state="live"]').waitFor();
    // The page notes when its first number changes, by the clock that this process has, too.
    await page.evaluate(() => {
        const number = document.querySelector<HTMLElement>(".stat .number")!;
        new MutationObserver(() => (number.dataset.at ??= String(performance.timeOrigin + performance.now())))
            .observe(number, { characterData: true, childList: true, subtree: true });
    });
    const number = page.locator(".stat .number").first();
    const ada = await written.api(DEMO);
    const took: number[] = [];
    for (let count = 0; count < WRITES; count++) {
        await number.evaluate((number) => delete number.dataset.at);
        const started = performance.timeOrigin + performance.now();
        await ada.post("/api/tasks", { data: { title: "To the screen" } });
        await page.waitForFunction(() => document.querySelector<HTMLElement>(".stat .number")!.dataset.at);
        took.push(Number(await number.getAttribute("data-at")) - started);
    }
    took.sort((one, other) => one - other);
    const at = (part: number) => took[Math.floor((took.length - 1) * part)].toFixed(1);
    console.log(`${what}: ${took.length} writes, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
}

test("one instance, SQLite", async ({ page, server }) => {
    await measure(page, server, server, "a write shown in a browser, SQLite");
});

test("across instances, PostgreSQL", async ({ page }) => {
    const { url } = await Database.create();
    const env = { DATABASE_URL: url, TALLYBOARD_AUTH_SIGNING_KEY: "a-key-for-this-bench-alone-32-bytes-long" };
    const [written, shown] = [new Server(env), new Server(env)];
    try {
        written.seed();
        await written.start();
        await shown.start();
        await measure(page, shown, written, "a write at one instance shown in a browser at the other");
        await page.goto("about:blank");
    } finally {
        await written.remove();
        await shown.remove();
    }
});
