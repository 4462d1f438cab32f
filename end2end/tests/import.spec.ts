import { accessible, DEMO, expect, signIn, test } from "../server";

const TABLE = "Aufgabe;Notiz;Bis;Farbe\nMilch kaufen;Zwei Liter;5/6/2030;rot\nBrot backen;;7/6/2030;\n";

test("a table with unknown headings: map the columns, preview, import", async ({ page, server, quiet }) => {
    await signIn(page, server, "/settings");
    await page.getByLabel("A file").setInputFiles({ name: "aufgaben.csv", mimeType: "text/csv", buffer: Buffer.from(TABLE) });
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.getByRole("alert")).toContainText("choose which column is the title");
    await accessible(page);
    await expect(page.getByText("Milch kaufen · Brot backen")).toBeVisible();
    await page.getByLabel("Aufgabe").selectOption("Title");
    await page.getByLabel("Notiz").selectOption("Description");
    await page.getByLabel("Bis").selectOption("Due");

    // Days that could be in either order are refused by line; what was chosen stays.
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.getByText("line 2: due_at has to be a day like 2026-12-24")).toBeVisible();
    await expect(page.getByLabel("Notiz")).toHaveValue("description");
    await page.getByLabel("Date format").selectOption("24.12.2026");
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.getByRole("status").first()).toHaveText("2 tasks would be imported.");
    await expect(page.getByText("Ignored columns: Farbe")).toBeVisible();
    await accessible(page);
    const api = await server.api(DEMO);
    expect((await (await api.get("/api/tasks?q=Milch")).json()).items).toEqual([]);

    await page.getByRole("button", { name: "Import", exact: true }).click();
    await expect(page.locator(".success")).toHaveText("2 tasks imported.");
    await expect(page.getByRole("button", { name: "Import", exact: true })).toHaveCount(0);
    const { items } = await (await api.get("/api/tasks?q=Milch")).json();
    expect(items[0].description).toBe("Zwei Liter");
    expect(items[0].due_at).toContain("2030-06-05");
    // The two refusals are what this test is about.
    expect(quiet.every((line) => line.includes("422"))).toBe(true);
    quiet.length = 0;
});

test("the upload of a large file shows progress, and a broken connection loses nothing", async ({ page, server, quiet }) => {
    await signIn(page, server, "/settings");
    const rows = Array.from({ length: 9_000 }, (_, number) => `Task ${number},${"words ".repeat(100)}`).join("\n");
    const file = { name: "tasks.csv", mimeType: "text/csv", buffer: Buffer.from(`title,description\n${rows}\n`) };
    // What the page says is written down: it may be gone before anybody looks.
    await page.evaluate(() => {
        const said: string[] = ((window as any).said = []);
        new MutationObserver(() => said.push(document.querySelector(".upload p")?.textContent ?? "")).observe(document.body, {
            childList: true,
            subtree: true,
            characterData: true,
        });
    });
    const form = page.locator("form", { has: page.getByLabel("A file") });
    await page.getByLabel("A file").setInputFiles(file);
    await page.route("**/settings/import", (route) => route.abort());
    await form.getByRole("button", { name: "Import", exact: true }).click();
    await expect(form.getByRole("status")).toContainText("The connection was lost. Send the file once more");
    await page.unroute("**/settings/import");
    await form.getByRole("button", { name: "Import", exact: true }).click();
    await expect(page.locator(".success")).toHaveText("9000 tasks imported.", { timeout: 60_000 });
    await expect(page.getByRole("heading", { name: "Import" })).toBeFocused();
    const said: string[] = await page.evaluate(() => (window as any).said);
    expect(said.some((words) => /^Uploading the file: \d+ %$/.test(words))).toBe(true);
    expect(said).toContain("Reading the file…");
    expect(quiet.every((line) => line.includes("ERR_FAILED"))).toBe(true);
    quiet.length = 0;
});

test("without script the form uploads, previews and imports", async ({ browser, server }) => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await signIn(page, server, "/settings");
    await page.getByLabel("A file").setInputFiles({ name: "a.csv", mimeType: "text/csv", buffer: Buffer.from("title\nPlain\n") });
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.getByRole("status")).toHaveText("1 task would be imported.");
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await expect(page.getByRole("status")).toHaveText("1 task imported.");
    await context.close();
});
