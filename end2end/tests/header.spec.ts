// The header at every width, in both languages: one row of its height, nothing cut, and the menu of the account.
import { accessible, alive, DEMO, expect, signIn, signOut, test } from "../server";
import type { Page } from "@playwright/test";

const WIDTHS = [390, 768, 1023, 1024, 1440];

/** Every visible part of the header is in its one row, or in the bar at the end of a phone. */
async function expectOneRow(page: Page, width: number) {
    const header = page.locator(".site-header");
    expect((await header.boundingBox())!.height).toBe(width < 768 ? 48 : 56);
    const { top, bottom } = await header.evaluate((element) => element.getBoundingClientRect());
    const parts = page.locator(".site-header :is(a, button):not(.menu *):visible");
    expect(await parts.count()).toBe(width < 768 ? 8 : 9);
    for (const part of await parts.all()) {
        const box = (await part.boundingBox())!;
        const name = await part.innerText();
        const isInRow = box.y >= top && box.y + box.height <= bottom;
        const isInBar = width < 768 && box.y >= 844 - 57 && box.y + box.height <= 844;
        expect(isInRow || isInBar, `${name} at ${width}`).toBe(true);
        expect(box.x >= 0 && box.x + box.width <= width, `${name} at ${width}`).toBe(true);
        // The hidden words of an icon, and the larger ground to press, are no text that's cut.
        const isCut = await part.evaluate((element) => element.scrollWidth > element.clientWidth + 1 && !element.matches("#bell, #account"));
        expect(isCut, `${name} is cut at ${width}`).toBe(false);
    }
    // From left to right: the places in their order, with the button in the middle on a phone and at their end elsewhere.
    const lefts = await page.locator(".places a:visible, .quick-add-button").evaluateAll((all) => all.map((link) => link.getBoundingClientRect().left));
    const [places, button] = [lefts.slice(0, -1), lefts.at(-1)!];
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.filter((left) => left < button).length).toBe(width < 768 ? 2 : 5);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wider).toBeLessThanOrEqual(0);
}

for (const [locale, task] of [["en", "New task"], ["de", "Neue Aufgabe"]]) {
    test.describe(locale, () => {
        test.use({ locale });
        test(`the header is one row at every width in ${locale}`, async ({ page, server }) => {
            test.setTimeout(120_000);
            if (locale === "en") await signIn(page, server);
            else {
                await page.goto(`${server.url}/signin`);
                await page.getByLabel("E-Mail").fill(DEMO.email);
                await page.getByLabel("Passwort").fill(DEMO.password);
                await page.getByRole("button", { name: "Anmelden", exact: true }).click();
                await page.waitForURL("**/dashboard");
            }
            await alive(page);
            for (const width of WIDTHS) {
                await page.setViewportSize({ width, height: 844 });
                await page.goto(`${server.url}/today`);
                await alive(page);
                await expect(page.locator("#due")).toBeVisible();
                await expectOneRow(page, width);
                const words = page.locator(".quick-add-button span").first();
                await expect(words).toHaveText(task);
                expect((await words.boundingBox())!.width > 10).toBe(width >= 1024);
                await page.locator("#account").click();
                const menu = (await page.locator("#account-menu").boundingBox())!;
                expect(menu.x >= 0 && menu.x + menu.width <= width).toBe(true);
                await accessible(page);
                await page.keyboard.press("Escape");
                // The end of a page is above the bar.
                await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
                const last = await page.locator("#main").evaluate((element) => element.getBoundingClientRect().bottom);
                expect(last).toBeLessThanOrEqual(width < 768 ? 844 - 56 : 844);
            }
        });
    });
}

test("the account's menu works by keyboard and leads everywhere", async ({ page, server }) => {
    await signIn(page, server, "/settings");
    await expect(page.locator(".site-header")).not.toContainText("Ada Lovelace", { useInnerText: true });
    await page.getByRole("button", { name: "Your account" }).focus();
    await page.keyboard.press("Enter");
    const menu = page.locator("#account-menu");
    await expect(menu).toContainText("Ada Lovelace");
    await expect(menu).toContainText(DEMO.email);
    await expect(menu.getByRole("link", { name: "Settings" })).toHaveAttribute("aria-current", "page");
    await page.keyboard.press("ArrowDown");
    await expect(menu.getByRole("link", { name: "Notifications" })).toBeFocused();
    await page.keyboard.press("ArrowUp");
    await expect(menu.getByRole("button", { name: "Sign out" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(menu).toBeHidden();
    await expect(page.getByRole("button", { name: "Your account" })).toBeFocused();
    await page.keyboard.press("Enter");
    await menu.getByRole("button", { name: "Keyboard shortcuts" }).click();
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
    await page.keyboard.press("Escape");
    await signOut(page);
    await page.waitForURL("**/signin");
});

test("a theme is chosen for this browser, and there from the first paint", async ({ page, server }) => {
    await page.emulateMedia({ colorScheme: "light" });
    await signIn(page, server, "/settings");
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("button", { name: "Dark", exact: true }).click();
    await expect(page.getByRole("button", { name: "Dark", exact: true })).toHaveAttribute("aria-pressed", "true");
    const dark = await ground();
    expect(dark).not.toBe(light);
    await accessible(page);
    await page.goto(`${server.url}/teams`);
    expect(await ground()).toBe(dark);
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("button", { name: "System" }).click();
    expect(await ground()).toBe(light);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await ground()).toBe(dark);
});

test("Today counts what is due, and follows", async ({ page, server }) => {
    await signIn(page, server, "/tasks");
    await alive(page);
    const api = await server.api(DEMO);
    const due = async (part: string) => (await (await api.get(`/api/tasks?due=${part}&status=pending&access=change&limit=100`)).json()).items;
    const before = (await due("overdue")).length + (await due("today")).length;
    const shown = (count: number) => (count > 99 ? "99+" : String(count));
    const badge = page.locator("#due b");
    await expect(badge).toHaveText(shown(before));
    const late = [...(await due("overdue")), ...(await due("today"))].slice(0, Math.max(2, before - 97));
    for (const { id } of late) await api.patch(`/api/tasks/${id}`, { data: { status: "completed" } });
    await expect(badge).toHaveText(shown(before - late.length));
});

test("a page says which place it belongs to", async ({ page, server }) => {
    await signIn(page, server);
    const api = await server.api(DEMO);
    const first = async (list: string) => (await (await api.get(list)).json()).items[0].id;
    const places: [string, string | null][] = [
        [`/teams/${await first("/api/teams")}`, "Teams"],
        [`/tasks/${await first("/api/tasks")}/shares`, "Tasks"],
        [`/chat/${await first("/api/conversations")}`, "Commands"],
        ["/trash", "Tasks"],
        ["/review", "Dashboard"],
        ["/settings/activity", null],
    ];
    for (const [path, place] of places) {
        await page.goto(server.url + path);
        const marked = page.locator(".places [aria-current]");
        if (place) await expect(marked).toHaveText(place);
        else await expect(marked).toHaveCount(0);
    }
    await expect(page.locator("#account-menu [aria-current]")).toHaveText("Settings");
});

test("an error page has the brand and nothing to scroll", async ({ page, server, quiet }) => {
    await page.goto(`${server.url}/nowhere`);
    await expect(page.getByRole("link", { name: "Tallyboard" })).toBeVisible();
    const more = await page.evaluate(() => document.documentElement.scrollHeight - document.documentElement.clientHeight);
    expect(more).toBeLessThanOrEqual(0);
    quiet.length = 0;
});

test.describe("without script", () => {
    test.use({ javaScriptEnabled: false });
    test("the menu opens, and has what works", async ({ page, server }) => {
        await signIn(page, server, "/settings");
        await page.getByRole("button", { name: "Your account" }).click();
        await expect(page.getByRole("button", { name: "Keyboard shortcuts" })).toBeHidden();
        await expect(page.getByRole("button", { name: "Dark", exact: true })).toBeHidden();
        await page.getByRole("button", { name: "Sign out" }).click();
        await page.waitForURL("**/signin");
    });
});
