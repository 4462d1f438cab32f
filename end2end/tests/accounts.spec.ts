import { alive, card, expect, signIn, signOut, test } from "../server";

const PASSWORD = "quiet-lantern-97-harbour";

test("sign up, see an empty dashboard, add tasks, watch the cards follow, sign out", async ({ page, server, context }) => {
    await page.goto(server.url);
    await page.waitForURL("**/signin?next=%2F");
    await page.getByRole("link", { name: "Create account" }).click();
    await page.getByLabel("Name").fill("Edsger");
    await page.getByLabel("Email").fill("edsger@example.org");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.waitForURL("**/dashboard");
    await alive(page);
    expect(await card(page, "Total tasks")).toBe(0);

    const other = await context.newPage();
    await other.goto(`${server.url}/tasks?status=all`);
    await alive(other);
    await expect(other.getByText("No tasks yet")).toBeVisible();
    for (const title of ["One", "Two"]) {
        await other.getByLabel("New task").fill(title);
        await other.keyboard.press("Enter");
        await expect(other.locator(".task").first()).toContainText(title);
    }
    await other.locator(".task").first().getByRole("checkbox").click();
    const number = (label: string) => page.locator(".stat", { hasText: label }).locator(".number");
    await page.bringToFront();
    await expect(number("Total tasks")).toHaveText("2", { timeout: 7_000 });
    await expect(number("Completed")).toHaveText("1", { timeout: 7_000 });
    await expect(number("Pending")).toHaveText("1");
    await other.close();

    await signOut(page);
    await page.waitForURL("**/signin");
    await page.goto(`${server.url}/dashboard`);
    await page.waitForURL("**/signin?next=%2Fdashboard");
});

test("a dashboard says when its session has ended", async ({ page, server, context, quiet }) => {
    await signIn(page, server);
    await alive(page);
    const other = await context.newPage();
    await other.goto(`${server.url}/settings`);
    await signOut(other);
    await other.waitForURL("**/signin");
    await other.close();
    await expect(page.getByText("You're signed out.")).toBeVisible({ timeout: 12_000 });
    await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
    expect(quiet.every((line) => line.includes("401"))).toBe(true);
    quiet.length = 0;
});

test("a wrong sign-in keeps the email and says why", async ({ page, server, quiet }) => {
    await page.goto(`${server.url}/signin`);
    await page.getByLabel("Email").fill("nobody@example.org");
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert")).toHaveText("The email or the password is wrong");
    await expect(page.getByLabel("Email")).toHaveValue("nobody@example.org");
    expect(page.url()).toBe(`${server.url}/signin`);
    // The page has the status of the error.
    expect(quiet.every((line) => line.includes("401"))).toBe(true);
    quiet.length = 0;
});

test("sign-up stores the browser's time zone", async ({ browser, server }) => {
    const context = await browser.newContext({ timezoneId: "Asia/Tokyo" });
    const page = await context.newPage();
    await page.goto(`${server.url}/signup`);
    await page.getByLabel("Name").fill("Tokyo");
    await page.getByLabel("Email").fill("tokyo@example.org");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.waitForURL("**/dashboard");
    await page.goto(`${server.url}/settings`);
    await expect(page.getByLabel("Time zone")).toHaveValue("Asia/Tokyo");
    await context.close();
});

test("without WASM pages, sign-in and adding a task work", async ({ page, server, quiet }) => {
    await page.route("**/*.wasm", (route) => route.abort());
    await signIn(page, server);
    expect(await card(page, "Total tasks")).toBeGreaterThan(0);
    await expect(page.locator(".chart .bar-created[d^=M]")).toBeAttached();
    await page.goto(`${server.url}/tasks?status=all`);
    await page.getByLabel("New task").fill("Without any WASM");
    await page.keyboard.press("Enter");
    const task = page.locator(".task").first();
    await expect(task).toContainText("Without any WASM");
    await task.getByRole("checkbox", { name: /^Completed/ }).click();
    await expect(page.locator(".task").first()).toHaveClass(/done/);
    await task.getByText("Edit", { exact: true }).click();
    await task.getByLabel("Title").fill("Edited without any WASM");
    await task.getByLabel("Description").fill("With a < b & c");
    await task.getByLabel("Due on").fill("2027-01-31");
    await task.getByRole("button", { name: "Save" }).click();
    await expect(page.locator(".task-title").first()).toHaveText("Edited without any WASM");
    // Untouched fields stay: the form is filled with the whole task.
    await task.getByText("Edit", { exact: true }).click();
    await expect(task.getByLabel("Title")).toHaveValue("Edited without any WASM");
    await expect(task.getByLabel("Description")).toHaveValue("With a < b & c");
    await expect(task.getByLabel("Due on")).toHaveValue("2027-01-31");
    await task.getByRole("button", { name: "Save" }).click();
    await expect(task).toContainText("With a < b & c");
    await expect(task).toContainText("Due 31 January 2027");
    await page.locator(".task").first().getByRole("button", { name: /^Delete/ }).click();
    await expect(page.locator(".task-title").first()).not.toHaveText("Edited without any WASM");
    // The page's errors about the WASM that never loaded.
    await page.goto("about:blank");
    quiet.length = 0;
});
