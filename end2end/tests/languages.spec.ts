// Every page in German, in a pseudo-language that finds texts which nobody translated, and from right to left.
import type { Page } from "@playwright/test";
import { alive, expect, type Server, test } from "../server";

// Without a letter, so that only the pages' own words have any.
const ACCOUNT = { name: "11 22", email: "1@2.example", password: "quiet-lantern-97-harbour" };
const OPEN = ["/signin", "/signup", "/forgot-password", "/signin/code?challenge=x"];
const OWN = [
    "/dashboard", "/dashboard?kiosk", "/review", "/today", "/tasks", "/tasks?due=week&access=change", "/teams", "/chat", "/settings",
    "/settings/notifications", "/notifications", "/settings/two-step", "/settings/passkeys", "/settings/assistants", "/settings/activity",
];
const WITH_ISLANDS = /^\/(dashboard|today|tasks|teams\/|chat)/;

/** Signs up by the form, and makes something of each kind; answers the pages. */
async function fill(page: Page, server: Server): Promise<string[]> {
    const anybody = page.request;
    await anybody.post(`${server.url}/api/auth/signup`, { data: ACCOUNT });
    await page.goto(`${server.url}/signin`);
    await page.locator("[name=email]").fill(ACCOUNT.email);
    await page.locator("[name=password]").fill(ACCOUNT.password);
    await page.locator("main form button").click();
    await page.waitForURL(`${server.url}/dashboard`);
    const { email, password } = ACCOUNT;
    const api = await server.api({ email, password });
    const { id: team } = await (await api.post("/api/teams", { data: { name: "333" } })).json();
    const { id: task } = await (await api.post("/api/tasks", { data: { title: "444", due_at: "2020-12-24T12:00:00Z" } })).json();
    const { id: other } = await (await api.post("/api/tasks", { data: { title: "555", team_id: team } })).json();
    await api.patch(`/api/tasks/${other}`, { data: { status: "completed" } });
    await api.put("/api/dashboard/goals", { data: { daily: 2, weekly: 9, days_off: ["sunday"] } });
    const { id: talk } = await (await api.post("/api/conversations", { data: { title: "666" } })).json();
    await api.dispose();
    return [...OWN, `/teams/${team}`, `/tasks/${task}/shares`, `/chat/${talk}`];
}

async function open(page: Page, server: Server, path: string) {
    await page.goto(server.url + path);
    if (WITH_ISLANDS.test(path)) await alive(page);
}

/** What a page says that is in no brackets: words that did not go through `t`. */
async function notTranslated(page: Page): Promise<string[]> {
    return page.evaluate(() => {
        const skipped = "script, style, noscript, code, pre, kbd, datalist, time, .mine, [translate=no], [lang]:not(html)";
        const found: string[] = [];
        const hasWords = (text: string) => {
            let outside = text.replace(/\b(\S+@\S+|Tallyboard)/g, "");
            for (let inner = ""; inner !== outside;) {
                inner = outside;
                outside = outside.replace(/\[[^[\]]*\]/g, "");
            }
            return /[A-Za-z]{2,}/.test(outside);
        };
        // A text with links or numbers in it has its brackets further out.
        const whole = (element: Element): string => {
            const text = element.textContent ?? "";
            const isWhole = text.split("[").length === text.split("]").length;
            return isWhole || !element.parentElement ? text : whole(element.parentElement);
        };
        const look = (text: string | null, element: Element, around = text) => {
            if (!text || !around || element.closest(skipped)) return;
            if (hasWords(text) && hasWords(around)) found.push(text.trim().replace(/\s+/g, " "));
        };
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const element = walker.currentNode.parentElement!;
            look(walker.currentNode.textContent, element, whole(element));
        }
        for (const element of document.querySelectorAll("body *")) {
            for (const name of ["aria-label", "title", "placeholder", "alt"]) look(element.getAttribute(name), element);
        }
        look(document.title, document.head);
        return found;
    });
}

test.describe("in a pseudo-language", () => {
    test.use({ locale: "en-XA" });

    test("each page's texts are translated", async ({ page, server }) => {
        test.setTimeout(120_000);
        const found: string[] = [];
        const check = async (path: string) => {
            await open(page, server, path);
            await expect(page.locator("html")).toHaveAttribute("lang", "en-XA");
            found.push(...(await notTranslated(page)).map((text) => `${path}: ${text}`));
        };
        for (const path of OPEN) await check(path);
        for (const path of await fill(page, server)) await check(path);
        expect(found).toEqual([]);
    });

    test("texts of islands and scripts are translated, too", async ({ page, server }) => {
        const pages = await fill(page, server);
        await open(page, server, "/tasks");
        await page.locator("#new-title").fill("777");
        await page.locator(".add .button").click();
        const row = page.locator(".task", { hasText: "777" });
        await row.locator(".edit").click();
        await expect(row.locator(".task-form").first()).toBeVisible();
        expect(await notTranslated(page)).toEqual([]);
        await row.locator(".edit").click();
        await row.locator("button[value='delete_task']").click();
        await expect(page.locator(".toast:not([hidden])")).toBeVisible();
        expect(await notTranslated(page)).toEqual([]);

        await open(page, server, pages.find((path) => path.startsWith("/chat/"))!);
        await page.locator("#content").fill("/stats");
        await page.locator("#content").press("Control+Enter");
        await expect(page.locator(".message").nth(1)).toContainText("1");
        expect(await notTranslated(page)).toEqual([]);
    });
});

for (const [device, size] of [
    ["a phone", { width: 390, height: 844 }],
    ["a desktop", { width: 1280, height: 800 }],
] as const) {
    test.describe("from right to left", () => {
        test.use({ locale: "ar-XB", viewport: size });

        test(`no page is wider than ${device}`, async ({ page, server }) => {
            test.setTimeout(120_000);
            const wide: string[] = [];
            const check = async (path: string) => {
                await open(page, server, path);
                await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
                const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
                if (over > 0) wide.push(`${path}: ${over} px`);
            };
            for (const path of OPEN) await check(path);
            for (const path of await fill(page, server)) await check(path);
            expect(wide).toEqual([]);
        });
    });
}

test("choosing German keeps the page in German", async ({ page, server }) => {
    const pages = await fill(page, server);
    await open(page, server, "/settings");
    await page.getByLabel("Language").selectOption("Deutsch");
    await page.locator("section", { hasText: "Profile" }).getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Einstellungen");
    await expect(page.getByText("Dein Profil ist gespeichert.")).toBeVisible();
    await open(page, server, "/dashboard");
    await expect(page.locator(".stat", { hasText: "Offen" })).toContainText("1 überfällig");
    await expect(page.locator(".freshness")).toContainText("Live");
    await expect(page.locator(".age")).toContainText("aktualisiert");
    await open(page, server, "/tasks");
    await page.locator("#new-title").fill("888");
    await page.getByRole("button", { name: "Hinzufügen", exact: true }).first().click();
    const row = page.locator(".task", { hasText: "888" });
    await row.getByRole("button", { name: "888 löschen" }).click();
    await expect(page.getByText("„888“ gelöscht")).toBeVisible();
    await page.getByRole("button", { name: "Rückgängig" }).click();
    await expect(row).toBeVisible();
    // The command's answer is written when it is asked.
    await open(page, server, pages.find((path) => path.startsWith("/chat/"))!);
    await page.getByLabel("Nachricht").fill("/list");
    await page.getByRole("button", { name: "Senden" }).click();
    await expect(page.locator(".message").nth(1)).toContainText("Aufgaben, offen");
});
