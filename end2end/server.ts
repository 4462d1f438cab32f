// A real server with its own database, and the fixtures made of it.
import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect, request, type APIRequestContext, type Page } from "@playwright/test";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const root = resolve(import.meta.dirname, "..");
/** The server that `cargo test` builds. */
const binary = resolve(process.env.SERVER_BINARY ?? join(root, "target/debug/tallyboard"));
/** What `scripts/site.sh` builds; what is weighed gets the release's. */
const site = resolve(process.env.SITE_ROOT ?? join(root, "target/site"));
export const DEMO = { email: "ada@example.com", password: "tally-my-tasks-2026" };
/** In the demo team with her, as a member. */
export const COLLEAGUE = { email: "grace@example.com", password: DEMO.password };

async function freePort(): Promise<number> {
    return new Promise((done) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address() as { port: number };
            server.close(() => done(port));
        });
    });
}

export class Server {
    private process?: ChildProcess;
    private readonly folder = mkdtempSync(join(tmpdir(), "tallyboard-end2end-"));
    private port = 0;

    constructor(
        private readonly env: Record<string, string> = {},
        private readonly program = binary,
    ) {}

    get url() {
        return `http://127.0.0.1:${this.port}`;
    }

    private get environment() {
        return {
            ...process.env,
            TALLYBOARD_DATA_DIR: this.folder,
            TALLYBOARD_SERVER_ADDRESS: `127.0.0.1:${this.port}`,
            TALLYBOARD_SERVER_SITE_ROOT: site,
            TALLYBOARD_LOG_LEVEL: "warn",
            TALLYBOARD_LIMITS_ENABLED: "false",
            // Links in mails, and the provider of sign-ins, need an address.
            ...(this.env.TALLYBOARD_MAIL_SERVER || this.env.TALLYBOARD_OIDC_ISSUER ? { TALLYBOARD_SERVER_PUBLIC_URL: this.url } : {}),
            ...this.env,
        };
    }

    /** Starts, or starts again on the same address with the same data. */
    async start() {
        this.port ||= await freePort();
        const server = spawn(this.program, ["serve"], {
            cwd: this.folder,
            env: this.environment,
            stdio: ["ignore", "pipe", "inherit"],
        });
        this.process = server;
        await new Promise<void>((ready, failed) => {
            createInterface(server.stdout!).once("line", () => ready());
            server.once("exit", (code) => failed(new Error(`the server ended with ${code}`)));
        });
    }

    seed() {
        execFileSync(this.program, ["seed", "--if-empty"], { cwd: this.folder, env: this.environment, stdio: "ignore" });
    }

    async stop() {
        const server = this.process;
        if (server && server.exitCode === null && server.signalCode === null) {
            const ended = new Promise((done) => server.once("exit", done));
            server.kill("SIGKILL");
            await ended;
        }
    }

    async remove() {
        await this.stop();
        rmSync(this.folder, { recursive: true, force: true });
    }

    /** Somebody else's client: the REST API with this account's token. */
    async api(account: { email: string; password: string }): Promise<APIRequestContext> {
        const open = await request.newContext({ baseURL: this.url });
        const answer = await open.post("/api/auth/signin", { data: account });
        const { access_token } = await answer.json();
        await open.dispose();
        return request.newContext({ baseURL: this.url, extraHTTPHeaders: { authorization: `Bearer ${access_token}` } });
    }

    /** Somebody with an account and no tasks. */
    async newcomer(): Promise<{ api: APIRequestContext; account: { email: string; password: string } }> {
        const account = { email: "nora@example.com", password: DEMO.password };
        const open = await request.newContext({ baseURL: this.url });
        await open.post("/api/auth/signup", { data: { ...account, name: "Nora" } });
        await open.dispose();
        return { api: await this.api(account), account };
    }

    /** The titles of Ada's own tasks, at most 100, newest first. */
    async titles(): Promise<string[]> {
        const api = await this.api(DEMO);
        const { items } = await (await api.get("/api/tasks?limit=100")).json();
        return items.map((task: { title: string }) => task.title);
    }
}

/** A PostgreSQL database of the test's own, where TEST_DATABASE_URL says. */
export class Database {
    private constructor(readonly url: string) {}

    static async create() {
        const admin = process.env.TEST_DATABASE_URL;
        if (!admin) throw new Error("TEST_DATABASE_URL: run the tests with `make test-browser`");
        const name = `end2end_${process.pid}_${Date.now()}`;
        execFileSync("psql", ["-q", admin, "-c", `CREATE DATABASE ${name}`]);
        return new Database(admin.replace(/[^/]*$/, name));
    }

    /** Lets nobody read a table until the function that comes back is called. */
    async hold(table: string) {
        const psql = spawn("psql", ["-qAt", this.url], { stdio: ["pipe", "pipe", "inherit"] });
        const held = new Promise((done) => createInterface(psql.stdout).once("line", done));
        psql.stdin.write(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE; SELECT 'held';\n`);
        await held;
        return async () => {
            const ended = new Promise((done) => psql.once("exit", done));
            psql.stdin.end("COMMIT;\n");
            await ended;
        };
    }
}

/** Tests get a server with the demo data, and fail on anything in the browser's console. */
export const test = base.extend<{ server: Server; other: Page; quiet: string[] }>({
    server: async ({ page }, use) => {
        const server = new Server();
        server.seed();
        await server.start();
        await use(server);
        // A page that still polls would log errors when its server stops.
        await page.goto("about:blank");
        await server.remove();
    },
    // A second person in their own browser, not signed in yet.
    other: async ({ browser, server, quiet }, use) => {
        // Named so that the server outlives this page, and the list of messages still records.
        expect(server.url).toBeTruthy();
        const context = await browser.newContext();
        const page = await context.newPage();
        listen(page, quiet);
        await use(page);
        await context.close();
    },
    // A test removes the messages that it provokes itself, for example by stopping the server.
    quiet: [
        async ({ page }, use) => {
            const messages: string[] = [];
            listen(page, messages);
            await use(messages);
            expect(messages, "the browser's console").toEqual([]);
        },
        { auto: true },
    ],
});

function listen(page: Page, messages: string[]) {
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) messages.push(`${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => {
        // Chromium's remark that it left out an animation between two pages, when a second move
        // overtakes the first; about once in two runs, from no script of ours.
        if (!error.message.startsWith("Transition was aborted")) messages.push(String(error));
    });
}

export async function signIn(page: Page, server: { url: string }, path = "/dashboard", account = DEMO) {
    await page.goto(`${server.url}/signin?next=${encodeURIComponent(path)}`);
    await page.getByLabel("Email").fill(account.email);
    await page.getByLabel("Password").fill(account.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL(`${server.url}${path}`);
}

/** The sign-out button is in the account's menu. */
export async function signOut(page: Page) {
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
}

/** Until the island has come to life. */
export async function alive(page: Page) {
    await expect(page.locator("html")).toHaveAttribute("data-alive", "true");
}

export async function card(page: Page, label: string): Promise<number> {
    const text = await page.locator(".stat", { hasText: label }).locator(".number").innerText();
    return Number(text);
}

export async function accessible(page: Page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`)).toEqual([]);
}

export { expect };
