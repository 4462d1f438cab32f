import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Page } from "@playwright/test";
import { accessible, DEMO, expect, Server, signOut, test } from "../server";

/** oidc-provider wants a newer Node than Debian has: the one of MCP's tests. */
const folder = join(import.meta.dirname, "..");
const packages = join(folder, "mcp/node_modules");
const node = join(packages, readdirSync(packages).find((name) => name.startsWith("node-linux-"))!, "bin/node");

async function provider(): Promise<{ process: ChildProcess; issuer: string }> {
    const process = spawn(node, [join(folder, "oidc.mjs")], { stdio: ["ignore", "pipe", "ignore"] });
    const line = await new Promise<string>((done) => createInterface(process.stdout!).once("line", done));
    return { process, issuer: `http://127.0.0.1:${line.match(/\d+$/)![0]}` };
}

/** Signs in there, and says yes where it asks. */
async function signInThere(page: Page, login: string) {
    await page.getByRole("link", { name: "Sign in with Home" }).click();
    await page.getByPlaceholder("Enter any login").fill(login);
    await page.getByPlaceholder("and password").fill("any");
    await page.getByRole("button", { name: "Sign-in" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
}

test("a real provider signs people in after they have entered their password here once", async ({ browser }) => {
    const { process, issuer } = await provider();
    const server = new Server({
        TALLYBOARD_OIDC_ISSUER: issuer,
        TALLYBOARD_OIDC_CLIENT_ID: "tallyboard",
        TALLYBOARD_OIDC_CLIENT_SECRET: "a-secret-of-the-tests-alone-2026",
        TALLYBOARD_OIDC_NAME: "Home",
    });
    try {
        server.seed();
        await server.start();
        const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
        const page = await context.newPage();
        await page.goto(`${server.url}/signin?next=%2Ftasks`);
        await accessible(page);
        await signInThere(page, "ada");
        await page.waitForURL("**/signin/connect");
        await expect(page.getByText(DEMO.email)).toBeVisible();
        await accessible(page);
        await page.getByLabel("Password of the account here").fill("not-my-password-2026");
        await page.getByRole("button", { name: "Connect and sign in" }).click();
        await expect(page.getByRole("alert")).toContainText("wrong");
        await page.getByLabel("Password of the account here").fill(DEMO.password);
        await page.getByRole("button", { name: "Connect and sign in" }).click();
        await page.waitForURL("**/tasks");
        await page.goto(`${server.url}/settings`);
        await expect(page.getByText("Home signs you in.")).toBeVisible();
        await accessible(page);
        await signOut(page);

        // The provider remembers the browser: one click.
        await page.getByRole("link", { name: "Sign in with Home" }).click();
        await page.waitForURL("**/dashboard");
        await page.goto(`${server.url}/settings`);
        await page.getByRole("button", { name: "Disconnect" }).click();
        await expect(page.getByRole("status").first()).toHaveText("Your password is now enough to sign in.");
        await context.close();

        // Somebody new, without script; and somebody whose address is not verified.
        const plain = await browser.newContext({ javaScriptEnabled: false });
        const other = await plain.newPage();
        await other.goto(`${server.url}/signin`);
        await signInThere(other, "newcomer");
        await other.waitForURL("**/signin/connect");
        await expect(other.getByLabel("Name")).toHaveValue("newcomer at work");
        await other.getByLabel("Password").fill(DEMO.password);
        await other.getByRole("button", { name: "Create account" }).click();
        await other.waitForURL("**/dashboard");
        await plain.close();
        const third = await (await browser.newContext()).newPage();
        await third.goto(`${server.url}/signin`);
        await signInThere(third, "unverified");
        await expect(third.getByText("Home has not verified your email address")).toBeVisible();
        await third.context().close();
    } finally {
        await server.remove();
        process.kill();
    }
});
