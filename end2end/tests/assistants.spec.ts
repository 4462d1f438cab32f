// From Settings to an assistant's first task: make a token, use it, see the change, take the token back.
import { request, type Page } from "@playwright/test";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { accessible, alive, card, DEMO, expect, signIn, test, type Server } from "../server";

/** Calls a tool as an assistant does, with the bare protocol. */
async function call(server: Server, token: string, name: string, args: object) {
    const client = await request.newContext();
    const answer = await client.post(`${server.url}/mcp`, {
        headers: { authorization: `Bearer ${token}`, accept: "application/json, text/event-stream" },
        data: { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } },
    });
    const status = answer.status();
    const text = await answer.text();
    await client.dispose();
    return { status, result: status === 200 ? JSON.parse(text).result : undefined };
}

/** Makes a token with the page's form; the page then shows it. */
async function makeToken(page: Page, server: Server, name: string) {
    await page.goto(`${server.url}/settings`);
    await page.getByRole("link", { name: "How to connect an assistant" }).click();
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Expires after").selectOption("30");
    await page.getByRole("button", { name: "Create a token" }).click();
    const token = (await page.locator("#new-token").textContent())!.trim();
    expect(token).toMatch(/^tallyboard_[0-9A-Za-z]{40}$/);
    return token;
}

test("a token from Settings connects an assistant, whose change is on the dashboard within a second", async ({ page, server, context }) => {
    await signIn(page, server);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const token = await makeToken(page, server, "Claude");
    // The lines for each assistant are filled in with this server and this token.
    const lines = page.locator("pre", { hasText: "claude mcp add" });
    await expect(lines).toContainText(`${server.url}/mcp`);
    await expect(lines).toContainText(token);
    await page.getByRole("button", { name: "Copy: the token" }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token);

    const board = await context.newPage();
    await board.goto(`${server.url}/dashboard`);
    await alive(board);
    await expect(board.getByText("Live", { exact: true })).toBeVisible();
    const before = await card(board, "Total tasks");
    const created = await call(server, token, "create_task", { title: "From the assistant" });
    expect(created.result.isError).toBe(false);
    await expect(board.locator(".stat", { hasText: "Total tasks" }).locator(".number")).toHaveText(`${before + 1}`, { timeout: 1000 });
    await board.close();

    await page.goto(`${server.url}/settings`);
    const row = page.locator("#tokens li", { hasText: "Claude" });
    await expect(row).toContainText("Reads and changes");
    await expect(row).not.toContainText(token);
    await row.getByRole("button", { name: "Revoke Claude" }).click();
    await expect(page.getByText("Token revoked")).toBeVisible();
    await expect(row).toHaveCount(0);
    expect((await call(server, token, "get_statistics", {})).status).toBe(401);
});

test("without scripts a token is created, read and revoked, and errors are named", async ({ browser, server }) => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await signIn(page, server);
    await page.goto(`${server.url}/settings/assistants`);
    await page.getByLabel("Name").fill("x".repeat(101));
    await page.getByLabel("Access").selectOption("read");
    await page.getByRole("button", { name: "Create a token" }).click();
    await expect(page.getByLabel("Name")).toHaveAccessibleDescription(/at most 100 characters/);
    await expect(page.getByLabel("Access")).toHaveValue("read");

    const token = await makeToken(page, server, "Cron");
    await expect(page.locator("pre", { hasText: "mcpServers" }).first()).toContainText(token);
    expect((await call(server, token, "list_tasks", { limit: 1 })).result.isError).toBe(false);
    await page.goto(`${server.url}/settings`);
    await page.getByRole("button", { name: "Revoke Cron" }).click();
    await expect(page.getByText("Token revoked")).toBeVisible();
    expect((await call(server, token, "list_tasks", {})).status).toBe(401);
    await context.close();
});

for (const colorScheme of ["light", "dark"] as const) {
    test(`phone width and axe on the assistants' page, ${colorScheme}`, async ({ page, server }) => {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width: 360, height: 740 });
        await signIn(page, server);
        await makeToken(page, server, "A name of a length that nobody would choose but somebody will");
        for (const path of [undefined, "/settings"]) {
            if (path) await page.goto(server.url + path);
            const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            expect(overflow, `${path} is wider than a phone`).toBeLessThanOrEqual(0);
            await accessible(page);
        }
    });
}

test("an app asks for access: the page says who, Connect leads back, Settings lists and revokes it", async ({ page, server }) => {
    const led: URL[] = [];
    const app = createServer((request, response) => {
        // A browser asks for an icon, too.
        if (request.url!.startsWith("/callback")) led.push(new URL(request.url!, "http://127.0.0.1"));
        response.end("You can close this window.");
    });
    await new Promise<void>((ready) => app.listen(0, "127.0.0.1", ready));
    const redirect_uri = `http://127.0.0.1:${(app.address() as AddressInfo).port}/callback`;
    const client = await request.newContext();
    const post = async (path: string, body: object) => (await client.post(`${server.url}${path}`, body)).json();
    const { client_id } = await post("/oauth/register", {
        data: { client_name: "Claude", redirect_uris: [redirect_uri], token_endpoint_auth_method: "none" },
    });
    const code_verifier = "a-verifier-of-forty-three-characters-or-more-0123456789";
    const code_challenge = createHash("sha256").update(code_verifier).digest("base64url");
    const asked = { response_type: "code", client_id, redirect_uri, scope: "read write", state: "s", code_challenge, code_challenge_method: "S256" };
    const address = `/oauth/authorize?${new URLSearchParams(asked)}`;
    // Signing in first keeps the request.
    await page.goto(`${server.url}${address}`);
    await page.getByLabel("Email").fill(DEMO.email);
    await page.getByLabel("Password").fill(DEMO.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Connect “Claude”?");
    await expect(page.getByText("nobody has verified it")).toBeVisible();
    await accessible(page);
    await page.setViewportSize({ width: 375, height: 760 });
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375);
    await accessible(page);
    await page.getByRole("button", { name: "No", exact: true }).click();
    await expect.poll(() => led.at(-1)?.searchParams.get("error")).toBe("access_denied");
    await page.goto(`${server.url}${address}`);
    await page.getByRole("button", { name: "Connect" }).click();
    await expect(page.getByText("You can close this window.")).toBeVisible();
    const code = led.at(-1)!.searchParams.get("code")!;
    const { access_token } = await post("/oauth/token", { form: { grant_type: "authorization_code", client_id, code, redirect_uri, code_verifier } });
    const created = await call(server, access_token, "create_task", { title: "From an app" });
    expect(created.result.isError).toBe(false);
    await page.goto(`${server.url}/settings`);
    const row = page.locator("#apps li", { hasText: "Claude" });
    await expect(row).toContainText("Reads and changes · self-declared name");
    await accessible(page);
    await row.getByRole("button", { name: "Revoke Claude" }).click();
    await expect(page.getByText("The app is no longer connected.")).toBeVisible();
    await expect(row).toHaveCount(0);
    expect((await call(server, access_token, "get_statistics", {})).status).toBe(401);
    await client.dispose();
    app.close();
});
