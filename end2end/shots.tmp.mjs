import { chromium } from "playwright";
const [base, out] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const api = async (path, token, method = "GET", body) => {
    const r = await fetch(base + path, { method, headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) }, body: body && JSON.stringify(body) });
    return r.status === 204 ? null : r.json();
};
const sign = async (email) => (await api("/api/auth/signin", null, "POST", { email, password: "tally-my-tasks-2026" }));
const ada = await sign("ada@example.com"), grace = await sign("grace@example.com");
const task = await api("/api/tasks", grace.access_token, "POST", { title: "Book the hall" });
await api(`/api/tasks/${task.id}/shares`, grace.access_token, "POST", { email: "ada@example.com", permission: "edit" });
const client = await api("/oauth/register", null, "POST", { client_name: "Claude", redirect_uris: ["http://127.0.0.1:9999/cb"], token_endpoint_auth_method: "none" });
console.log(client);
for (const [name, viewport, dark] of [["d", { width: 1440, height: 900 }, false], ["dd", { width: 1440, height: 900 }, true], ["p", { width: 390, height: 844 }, false]]) {
    const context = await browser.newContext({ viewport, colorScheme: dark ? "dark" : "light" });
    const page = await context.newPage();
    await page.goto(base + "/signin");
    await page.getByLabel("Email").fill("ada@example.com");
    await page.getByLabel("Password").fill("tally-my-tasks-2026");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL("**/dashboard");
    await page.goto(`${base}/settings/blocked?person=${grace.user.id}`);
    await page.screenshot({ path: `${out}/blocked-${name}.png`, fullPage: true });
    await page.goto(`${base}/settings`);
    await page.screenshot({ path: `${out}/settings-${name}.png`, fullPage: true });
    await page.goto(`${base}/tasks?shared=with_me`);
    await page.waitForSelector("[data-alive]");
    const row = page.locator(".task", { hasText: "Book the hall" });
    await row.hover();
    if (viewport.width < 500) await row.locator(".more").click();
    await page.screenshot({ path: `${out}/tasks-${name}.png` });
    const q = new URLSearchParams({ response_type: "code", client_id: client.client_id, redirect_uri: "http://127.0.0.1:9999/cb", code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256", state: "x" });
    await page.goto(`${base}/oauth/authorize?${q}`);
    await page.screenshot({ path: `${out}/consent-${name}.png`, fullPage: true });
    await context.close();
}
await browser.close();
