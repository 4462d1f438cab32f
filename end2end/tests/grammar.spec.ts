import type { Locator, Page } from "@playwright/test";
import { accessible, alive, DEMO, expect, signIn, test } from "../server";

/** The parts of a list's box. */
const parts = (page: Page) => ({
    line: page.getByLabel("New task"),
    words: page.locator("#new-words"),
    marks: page.locator(".add .marks mark"),
    add: page.locator(".add").getByRole("button", { name: "Add", exact: true }),
});

const row = (page: Page, title: string): Locator => page.locator(".task", { hasText: title });

test("every box reads the same line, marks what it recognised and says what the task would be", async ({ page, server }) => {
    const api = await server.api(DEMO);
    await api.post("/api/teams", { data: { name: "Choir" } });
    await signIn(page, server, "/tasks?status=all");
    for (const path of ["/tasks", "/today", "popover"]) {
        await page.goto(server.url + (path === "popover" ? "/dashboard" : path));
        await alive(page);
        if (path === "popover") await page.keyboard.press("n");
        const form = path === "popover" ? page.locator("#quick-add form") : page.locator(".add");
        const line = form.locator("[name=text]");
        await line.fill("Sing on 24/12/2199 at 18:00 @choir");
        await expect(form.getByRole("status")).toHaveText("Sing · Tue 24 Dec 2199 18:00 · Choir");
        await expect(form.locator(".marks mark")).toHaveText(["on 24/12/2199 at 18:00", "@choir"]);
        await accessible(page);
        await line.press("Enter");
        await expect(line).toHaveValue("");
        await expect(form.locator(".marks mark")).toHaveCount(0);
    }
    const sung = async () => (await (await api.get("/api/tasks?q=Sing")).json()).items.filter(({ title }: { title: string }) => title === "Sing");
    await expect.poll(async () => (await sung()).length).toBe(3);
    for (const { due_at, team_id } of await sung()) expect([due_at.slice(0, 13), typeof team_id]).toEqual(["2199-12-24T18", "string"]);
});

test("the row appears at once with the understood title, and then as the server has it", async ({ page, server }) => {
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    const { line, words } = parts(page);
    let release = () => {};
    const held = new Promise<void>((done) => (release = done));
    await page.route("**/api/ui/quick_add", async (route) => {
        await held;
        await route.continue();
    });
    await line.fill("Pay rent tomorrow");
    await expect(words).toContainText("Pay rent · ");
    await line.press("Enter");
    await expect(page.locator(".task-title").first()).toHaveText("Pay rent");
    await expect(line).toHaveValue("");
    await expect(words).toHaveText("");
    release();
    await expect(page.locator(".task").first()).toContainText("Due tomorrow");
    // On Today a line without a day is due today.
    await page.unroute("**/api/ui/quick_add");
    await page.goto(`${server.url}/today`);
    await alive(page);
    for (const text of ["Water the plants", "Call Bob tomorrow"]) await line.fill(text).then(() => line.press("Enter"));
    await expect(page.getByRole("region", { name: "Today", exact: true }).locator(".task", { hasText: "Water the plants" })).toBeVisible();
    await expect(page.getByRole("region", { name: "Next 7 days" }).locator(".task", { hasText: "Call Bob" })).toBeVisible();
});

test("Backspace behind recognised words makes them plain words", async ({ page, server }) => {
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    const { line, words, marks } = parts(page);
    await line.pressSequentially("Call Bob next friday");
    await expect(marks).toHaveText(["next friday"]);
    await line.press("Backspace");
    await expect(words).toHaveText("Call Bob next friday");
    await expect(marks).toHaveCount(0);
    // They stay plain while one types on, and the next Backspace deletes.
    await line.pressSequentially(" tomorrow");
    await expect(marks).toHaveText(["tomorrow"]);
    for (let count = 0; count < 10; count++) await line.press("Backspace");
    await expect(words).toHaveText("Call Bob next friday");
    await line.press("Backspace");
    await expect(words).toHaveText("Call Bob next frida");
    await line.pressSequentially("y");
    await expect(marks).toHaveText(["next friday"]);
    await line.press("Backspace");
    await expect(marks).toHaveCount(0);
    await line.press("Enter");
    await expect(row(page, "Call Bob")).not.toContainText("Due");
    await expect.poll(async () => (await server.titles())[0]).toBe("Call Bob next friday");
});

test("the marks lie under their words, in both themes, and scroll with the line", async ({ page, server }) => {
    await signIn(page, server, "/tasks?status=all");
    const { line, marks } = parts(page);
    await line.fill(`${"Write a long letter about it ".repeat(12)}tomorrow`);
    await line.press("End");
    await expect(marks).toHaveText(["tomorrow"]);
    const places = await page.evaluate(() => {
        const input = document.querySelector<HTMLInputElement>("#new-title")!;
        const under = input.previousElementSibling as HTMLElement;
        const style = (element: Element) => {
            const { fontFamily, fontSize, fontWeight, letterSpacing, paddingLeft, borderLeftWidth } = getComputedStyle(element);
            return [fontFamily, fontSize, fontWeight, letterSpacing, paddingLeft, borderLeftWidth, element.getBoundingClientRect().x, element.getBoundingClientRect().width];
        };
        return { scrolled: [input.scrollLeft, under.scrollLeft], styles: [style(input), style(under)], hidden: under.ariaHidden };
    });
    expect(places.scrolled[0]).toBeGreaterThan(100);
    expect(Math.abs(places.scrolled[0] - places.scrolled[1])).toBeLessThan(2);
    expect(places.styles[0]).toEqual(places.styles[1]);
    expect(places.hidden).toBe("true");
    await line.press("Home");
    await expect.poll(() => page.locator(".add .marks").evaluate((element) => element.scrollLeft)).toBe(0);
    for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const [ground, token] = await marks.evaluate((mark) => {
            const probe = document.createElement("i");
            probe.style.background = "var(--accent-ground)";
            document.body.append(probe);
            return [getComputedStyle(mark).backgroundColor, getComputedStyle(probe).backgroundColor];
        });
        expect(ground).toBe(token);
        await accessible(page);
    }
});

test("a picked day wins over the words, and both come back when the task was not added", async ({ page, server, quiet }) => {
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    const { line, words } = parts(page);
    const button = page.getByRole("button", { name: "Choose a day" });
    const size = (await button.boundingBox())!;
    expect([size.width, size.height]).toEqual([32, 32]);
    await line.fill("Pay rent tomorrow");
    await page.locator("#new-due").fill("2199-12-24");
    await expect(words).toHaveText("Pay rent · Tue 24 Dec 2199");
    await expect(button).toHaveAttribute("aria-pressed", "true");
    await page.route("**/api/ui/quick_add", (route) => route.abort(), { times: 1 });
    await line.press("Enter");
    await expect(page.locator(".task-list .alert")).toContainText("Couldn't add it");
    await expect(line).toHaveValue("Pay rent tomorrow");
    await expect(page.locator("#new-due")).toHaveValue("2199-12-24");
    quiet.length = 0;
    await line.press("Enter");
    await expect(page.locator(".task").first()).toContainText("Due 24 December 2199");
    await expect(page.locator("#new-due")).toHaveValue("");
    await expect(button).toHaveAttribute("aria-pressed", "false");
});

test("a task that the list does not show is said to be added, with a link to it", async ({ page, server }) => {
    await signIn(page, server, "/tasks?status=completed");
    await alive(page);
    const { line } = parts(page);
    const toast = page.locator("#undo");
    for (const path of ["/tasks?status=completed", "/tasks?q=nothing+like+it"]) {
        await page.goto(server.url + path);
        await alive(page);
        await line.fill("Hidden here tomorrow");
        await line.press("Enter");
        await expect(toast).toContainText("Added “Hidden here”");
        await expect(line).toHaveValue("");
        await expect(toast.getByRole("button", { name: "Undo" })).toBeHidden();
        // It stays while the pointer rests on it.
        await toast.hover();
        await accessible(page);
        await toast.getByRole("link", { name: "Show" }).click();
        await page.waitForURL(/\/tasks#task-/);
        await expect(row(page, "Hidden here").first()).toBeVisible();
    }
    // What the list shows needs no word.
    await alive(page);
    await line.fill("Seen here");
    await line.press("Enter");
    await expect(row(page, "Seen here")).toBeVisible();
    await page.waitForTimeout(600);
    await expect(toast).toBeHidden();
});

test("without WASM the server reads the same line, and the box still says how", async ({ page, server, quiet }) => {
    await page.route("**/*.wasm", (route) => route.abort());
    await signIn(page, server, "/tasks?status=all");
    const { line, words, marks } = parts(page);
    await line.fill("Pay rent by 24.12.2199");
    await expect(words).toHaveText("Pay rent · Tue 24 Dec 2199");
    await expect(marks).toHaveText(["by 24.12.2199"]);
    await line.press("Enter");
    await expect(page.locator(".task").first()).toContainText("Due 24 December 2199");
    await expect(page.locator(".task-title").first()).toHaveText("Pay rent");
    await page.goto("about:blank");
    quiet.length = 0;
});

test("without script the box has a field for the day, and reads the same line", async ({ browser, server }) => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await signIn(page, server, "/today");
    await expect(page.getByRole("button", { name: "Choose a day" })).toBeHidden();
    await expect(page.locator(".add").getByLabel("Due on")).toBeVisible();
    const { line, add } = parts(page);
    const send = async (text: string) => {
        await line.fill(text);
        // The form leads back to the page: another document.
        const led = page.waitForEvent("framenavigated");
        await add.click();
        await led;
        await page.waitForLoadState();
    };
    await send("Pay rent tomorrow");
    await expect(page.getByRole("region", { name: "Next 7 days" }).locator(".task", { hasText: "Pay rent" })).toContainText("Due tomorrow");
    await send("Water the plants");
    await expect(page.getByRole("region", { name: "Today", exact: true }).locator(".task", { hasText: "Water the plants" })).toContainText("Due today");
    await context.close();
});
