// WCAG 2.2 AA, as far as a program can tell, on every page. docs/ACCESSIBILITY.md has the rest.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { alive, DEMO, expect, type Server, signIn, test } from "../server";

const OPEN = ["/signin", "/signup", "/forgot-password", "/signin/code?challenge=x", "/nowhere"];
const OWN = [
    "/dashboard", "/dashboard?kiosk", "/review", "/today", "/tasks", "/teams", "/chat", "/settings",
    "/settings/notifications", "/notifications", "/settings/two-step", "/settings/passkeys", "/settings/assistants", "/settings/activity",
];
const WITH_ISLANDS = /^\/(dashboard|today|tasks|teams\/|chat)/;
const LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** The pages of one team, one task and one conversation. */
async function more(server: Server): Promise<string[]> {
    const api = await server.api(DEMO);
    const first = async (list: string) => (await (await api.get(list)).json()).items[0].id;
    const conversation = await (await api.post("/api/conversations", { data: { title: "A talk" } })).json();
    await api.post(`/api/conversations/${conversation.id}/messages`, { data: { role: "user", content: "/stats" } });
    return [`/teams/${await first("/api/teams")}`, `/tasks/${await first("/api/tasks")}/shares`, `/chat/${conversation.id}`];
}

async function open(page: Page, server: Server, path: string) {
    await page.goto(server.url + path);
    if (WITH_ISLANDS.test(path)) await alive(page);
}

for (const [name, media] of [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["high contrast", { contrast: "more" }],
    ["forced colours", { forcedColors: "active" }],
] as const) {
    test(`axe finds nothing on any page in ${name}`, async ({ page, server, quiet }) => {
        test.setTimeout(180_000);
        await page.emulateMedia({ reducedMotion: "reduce", ...media });
        const found: string[] = [];
        const check = async (path: string) => {
            await open(page, server, path);
            const { violations } = await new AxeBuilder({ page }).withTags(LEVELS).analyze();
            found.push(...violations.map(({ id, nodes }) => `${path} ${id}: ${nodes.map((node) => node.html).join(" | ")}`));
        };
        for (const path of OPEN) await check(path);
        await signIn(page, server);
        for (const path of [...OWN, ...(await more(server))]) await check(path);
        expect(found).toEqual([]);
        // A page that is not there is a separate error in the console.
        quiet.splice(0, quiet.length, ...quiet.filter((line) => !line.includes("/nowhere")));
    });
}

for (const [device, size] of [
    ["a phone", { width: 390, height: 844 }],
    ["a desktop", { width: 1280, height: 800 }],
] as const) {
    test(`the focus is seen and nothing covers it on ${device}`, async ({ page, server }) => {
        test.setTimeout(120_000);
        await page.setViewportSize(size);
        await page.emulateMedia({ reducedMotion: "reduce" });
        await signIn(page, server);
        for (const path of ["/dashboard", "/today", "/tasks", "/settings", ...(await more(server))]) {
            await open(page, server, path);
            const hidden: string[] = [];
            const steps = await page.locator("a, button, input, select, textarea, summary, [tabindex='0']").count();
            for (let step = 0; step < Math.min(steps, 60); step++) {
                await page.keyboard.press("Tab");
                const problem = await page.evaluate(() => {
                    const focused = document.activeElement;
                    if (!focused || focused === document.body) return null;
                    // Of a date, Chromium marks the part that has the focus itself, in a shadow root.
                    const isDate = focused.matches("input[type=date]");
                    const box = focused.getBoundingClientRect();
                    const name = focused.outerHTML.slice(0, 120);
                    if (box.width < 1 || box.height < 1) return `nothing to see: ${name}`;
                    // SC 2.4.11: not entirely hidden. One of five points has to be on top.
                    const points = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]];
                    const isSeen = points.some(([x, y]) => {
                        const top = document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
                        return top && (focused.contains(top) || top.contains(focused) || focused.parentElement?.contains(top));
                    });
                    if (!isSeen) return `covered: ${name}`;
                    // SC 2.4.7, of the element or of its replacement.
                    const marked = [focused, focused.parentElement!, focused.nextElementSibling].some((element) => {
                        const style = element && getComputedStyle(element);
                        return style && ((style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none");
                    });
                    return marked || isDate ? null : `not marked: ${name}`;
                });
                if (problem) hidden.push(problem);
            }
            expect(hidden, path).toEqual([]);
        }
    });
}

test("every rejected field announces its error to screen readers", async ({ page, server, quiet }) => {
    await page.goto(`${server.url}/signup`);
    await page.getByLabel("Name").fill(" ");
    await page.getByLabel("Email").fill("nobody@x");
    await page.getByLabel("Password").fill("1234567");
    await page.locator("form").evaluate((form: HTMLFormElement) => (form.noValidate = true));
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    const fields = page.locator("[aria-invalid=true]");
    expect(await fields.count()).toBeGreaterThanOrEqual(2);
    for (const field of await fields.all()) {
        const note = await field.getAttribute("aria-describedby");
        await expect(page.locator(`#${note}`)).not.toBeEmpty();
    }
    // The browser logs a page that answers 422.
    expect(quiet.splice(0)).toHaveLength(1);
});

test("nothing is lost at 200 % text size or in a narrow window", async ({ page, server }) => {
    // SC 1.4.10: 1280 pixels at 400 % are 320.
    await page.setViewportSize({ width: 320, height: 640 });
    await signIn(page, server);
    for (const path of [...OWN, ...(await more(server))]) {
        await open(page, server, path);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(wider, path).toBeLessThanOrEqual(0);
    }
});
