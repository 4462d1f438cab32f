import type { Page } from "@playwright/test";
import { accessible, alive, card, COLLEAGUE, DEMO, expect, signIn, test } from "../server";

async function addTask(page: Page, title: string) {
    await page.getByLabel("New task").fill(title);
    await page.keyboard.press("Enter");
    const task = page.locator(".task", { hasText: title });
    await expect(task).toBeVisible();
    return task;
}

async function reload(page: Page) {
    await page.reload();
    await alive(page);
}

test("two people: share, see, edit, revoke, gone", async ({ page, other, server, quiet }) => {
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    const task = await addTask(page, "Plan the trip");
    await task.getByRole("link", { name: "Share Plan the trip" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("Shared with nobody yet.");
    await dialog.getByLabel("Email address").fill("nobody@example.com");
    await dialog.getByRole("button", { name: "Share" }).click();
    await expect(dialog.getByRole("alert")).toContainText("no account uses it");
    await expect(dialog.getByLabel("Email address")).toHaveValue("nobody@example.com");
    // Browsers say so of every answer that is an error.
    expect(quiet.splice(0)).toEqual([expect.stringContaining("404 (Not Found)")]);
    await dialog.getByLabel("Email address").fill(COLLEAGUE.email);
    await page.keyboard.press("Enter");
    await expect(dialog.locator(".people li")).toContainText("Grace Hopper");
    await accessible(page);

    await signIn(other, server, "/dashboard", COLLEAGUE);
    await expect(other.locator(".stat", { hasText: "Shared with me" })).toContainText("0 to edit, 1 to view");
    await other.getByRole("link", { name: "Shared with me" }).click();
    await alive(other);
    const shared = other.locator(".task", { hasText: "Plan the trip" });
    await expect(shared).toContainText("Shared by Ada Lovelace");
    await expect(shared).toContainText("View only");
    await expect(shared.getByRole("checkbox")).toBeDisabled();
    await expect(shared.getByText("Edit", { exact: true })).toHaveCount(0);
    await expect(shared.getByRole("link", { name: /^Share/ })).toHaveCount(0);

    await dialog.getByLabel("What Grace Hopper may do").selectOption("edit");
    const api = await server.api(COLLEAGUE);
    await expect.poll(async () => (await (await api.get("/api/dashboard/shared")).json()).can_edit).toBe(1);
    await reload(other);
    await expect(shared).toContainText("Can edit");
    await shared.getByText("Edit", { exact: true }).click();
    await shared.getByLabel("Title").fill("Plan the trip to Rome");
    await shared.getByRole("button", { name: "Save" }).click();
    await expect(shared.locator(".task-title")).toHaveText("Plan the trip to Rome");
    await expect.poll(async () => (await (await api.get("/api/tasks?shared=with_me")).json()).items[0].title).toBe("Plan the trip to Rome");

    await dialog.getByRole("button", { name: "Close" }).click();
    await expect(dialog).toBeHidden();
    await reload(page);
    await expect(page.locator(".task-title").first()).toHaveText("Plan the trip to Rome");
    await page.locator(".task").first().getByRole("link", { name: /^Share/ }).click();
    await dialog.getByRole("button", { name: "Revoke Grace Hopper" }).click();
    await expect(dialog).toContainText("Shared with nobody yet.");
    await expect.poll(async () => (await (await api.get("/api/dashboard/shared")).json()).total_shared).toBe(0);
    await reload(other);
    await expect(shared).toHaveCount(0);
    await expect(other.getByText("Nobody has shared a task with you yet.")).toBeVisible();
});

test("a shared task can be given up", async ({ page, server }) => {
    await signIn(page, server, "/tasks?shared=with_me");
    await alive(page);
    const before = await page.locator(".task").count();
    const task = page.locator(".task", { hasText: "View only" }).first();
    const title = await task.locator(".task-title").innerText();
    await task.getByRole("button", { name: `Give up ${title}` }).click();
    await expect(page.locator(".task")).toHaveCount(before - 1);
    await expect.poll(async () => {
        await page.goto(`${server.url}/dashboard`);
        return card(page, "Shared with me");
    }).toBe(before - 1);
});

test("the life of a team", async ({ page, other, server }) => {
    await signIn(page, server, "/teams");
    await page.getByLabel("Name of the new team").fill("Band");
    await page.getByRole("button", { name: "Create team" }).click();
    await page.waitForURL("**/teams/*-*");
    await alive(page);
    const url = page.url();
    await page.getByLabel("Email address").fill(COLLEAGUE.email);
    await page.locator(".add-person").getByLabel("Permission").selectOption("viewer");
    await page.getByRole("button", { name: "Add" }).click();
    await expect(page.locator(".people li", { hasText: "Grace Hopper" })).toBeVisible();

    // A viewer reads, and is offered nothing else.
    await signIn(other, server, "/teams", COLLEAGUE);
    await other.getByRole("link", { name: "Band" }).click();
    await other.waitForURL(url);
    await alive(other);
    for (const name of ["Add", "Save", "Transfer"]) await expect(other.getByRole("button", { name })).toHaveCount(0);
    await expect(other.locator(".people select")).toHaveCount(0);
    await expect(other.getByText("Delete…")).toHaveCount(0);
    await other.getByRole("link", { name: "View tasks" }).click();
    await alive(other);
    await expect(other.getByText("Nothing here in this team.")).toBeVisible();
    await expect(other.getByLabel("New task")).toHaveCount(0);

    // A member adds; an owner changes what a member added.
    await page.getByLabel("What Grace Hopper may do").selectOption("member");
    await expect.poll(async () => {
        await reload(other);
        return other.getByLabel("New task").count();
    }).toBe(1);
    const added = await addTask(other, "Book the hall");
    await expect(added.locator(".badge")).toHaveText("Band");
    await page.getByRole("link", { name: "View tasks" }).click();
    await alive(page);
    const seen = page.locator(".task", { hasText: "Book the hall" });
    await seen.getByRole("checkbox").click();
    await expect(seen.getByRole("checkbox")).toBeChecked();
    const ada = await server.api(DEMO);
    const stored = async () => (await (await ada.get("/api/tasks?q=Book the hall&team_id=" + url.split("/").pop())).json()).items[0];
    await expect.poll(async () => (await stored()).status).toBe("completed");
    await page.goto(`${server.url}/dashboard`);
    await expect(page.locator(".team-panel li", { hasText: "Band" })).toContainText("0 pending, 1 completed, 1 in all");

    // Removed: it is gone for her at once, and hers is the owner's now.
    await page.goto(url);
    await alive(page);
    await page.getByRole("button", { name: "Remove Grace Hopper" }).click();
    await expect(page.locator(".people li", { hasText: "Grace Hopper" })).toHaveCount(0);
    await expect(other.getByText("You no longer have access to this.")).toBeVisible();
    await expect(other.locator(".task")).toHaveCount(0);
    await expect.poll(async () => (await (await ada.get("/api/tasks?q=Book the hall")).json()).items.length).toBe(1);
    await other.goto(`${server.url}/teams`);
    await expect(other.getByRole("link", { name: "Band" })).toHaveCount(0);

    await page.getByLabel("Name", { exact: true }).fill("Orchestra");
    await page.getByLabel("Members can edit").selectOption("own");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Orchestra");
    await page.getByText("Delete…").click();
    await page.getByRole("button", { name: "Delete the team" }).click();
    await page.waitForURL("**/teams");
    await expect(page.getByRole("link", { name: "Orchestra" })).toHaveCount(0);
    await page.goto(`${server.url}/tasks?q=Book+the+hall`);
    await expect(page.locator(".task")).toHaveCount(1);
});

test("a team is transferred, and left", async ({ page, other, server }) => {
    await signIn(page, server, "/teams");
    await page.getByRole("link", { name: "Household" }).click();
    await alive(page);
    await expect(page.getByText("Leave…")).toHaveCount(0);
    await page.getByLabel("New owner").selectOption({ label: "Grace Hopper (grace@example.com)" });
    await page.getByRole("button", { name: "Transfer" }).click();
    await expect(page.locator(".page-head .badge")).toHaveText("Admin");
    await expect(page.getByText("Delete…")).toHaveCount(0);
    // An admin is not offered to make admins, nor to touch the owner.
    const roles = page.locator(".add-person option");
    await expect(roles).toHaveText(["Member", "Viewer"]);
    await expect(page.getByRole("button", { name: "Remove Grace Hopper" })).toHaveCount(0);
    await expect(page.getByText("pass to Grace Hopper")).toBeVisible();
    await page.getByText("Leave…").click();
    await page.getByRole("button", { name: "Leave the team" }).click();
    await page.waitForURL("**/teams");
    await expect(page.locator(".team-cards li")).toHaveText([/^Website relaunch/]);
    await signIn(other, server, "/teams", COLLEAGUE);
    await expect(other.locator(".team-cards li", { hasText: "Household" }).locator(".badge")).toHaveText("Owner");
});

test("a task moves into a team and out of it", async ({ page, server }) => {
    const ada = await server.api(DEMO);
    await ada.post("/api/teams", { data: { name: "TASK force" } });
    await signIn(page, server, "/tasks?status=all");
    await alive(page);
    const task = await addTask(page, "Paint the shed");
    const move = async (team: string) => {
        await task.getByText("Edit", { exact: true }).click();
        await task.getByLabel("Team").selectOption({ label: team });
        await task.getByRole("button", { name: "Save" }).click();
    };
    await task.getByText("Edit", { exact: true }).click();
    // The names of teams are also in the form's template.
    await expect(task.getByLabel("Team").locator("option")).toHaveText(["None (only me)", "Household", "TASK force", "Website relaunch"]);
    await page.keyboard.press("Escape");
    await move("Household");
    await expect(task.locator(".badge")).toHaveText("Household");
    await task.getByRole("link", { name: "Household" }).click();
    await page.waitForURL("**/tasks?team_id=*");
    await alive(page);
    await expect(page.locator(".lists h1")).toHaveText("Household");
    await expect(task).toBeVisible();
    await move("None (only me)");
    await expect(task.locator(".badge")).toHaveCount(0);
    await reload(page);
    await expect(task).toHaveCount(0);
});

test("a refused change in a team is reverted, with a message", async ({ page, server, quiet }) => {
    await signIn(page, server, "/teams");
    await page.getByRole("link", { name: "Household" }).click();
    await alive(page);
    await server.stop();
    const grace = page.locator(".people li", { hasText: "Grace Hopper" });
    await grace.getByLabel("What Grace Hopper may do").selectOption("viewer");
    await expect(page.getByRole("alert")).toContainText("Couldn't change it");
    await expect(grace.getByLabel("What Grace Hopper may do")).toHaveValue("member");
    await grace.getByRole("button", { name: "Remove Grace Hopper" }).click();
    await expect(page.getByRole("alert")).toContainText("Couldn't remove this person");
    await expect(grace).toBeVisible();
    quiet.length = 0;
});

test("conversations: begin, write, rename, delete", async ({ page, server }) => {
    await signIn(page, server, "/chat");
    await alive(page);
    await page.getByRole("link", { name: "A few commands" }).click();
    await page.waitForURL("**/chat/*-*");
    await expect(page.locator(".message").nth(1)).toContainText("Assistant");
    await page.goBack();
    await page.getByRole("button", { name: "New conversation" }).click();
    await page.waitForURL("**/chat/*-*");
    await alive(page);
    await page.getByLabel("Message").fill("Where to?\nAnd when?");
    await page.keyboard.press("Control+Enter");
    await expect(page.locator(".message.mine .said")).toHaveText("Where to?\nAnd when?");
    await expect(page.locator(".message.mine .hint")).toContainText(/You \d{4}-\d\d-\d\d \d\d:\d\d/);
    await expect(page.getByLabel("Message")).toHaveValue("");
    await accessible(page);
    await page.goto(`${server.url}/chat`);
    await alive(page);
    const item = page.locator(".conversations li", { hasText: "Where to?" });
    await item.getByText("Rename").click();
    await item.getByLabel("Title").fill("Summer");
    await item.getByRole("button", { name: "Save" }).click();
    const summer = page.locator(".conversations li", { hasText: "Summer" });
    await expect(summer).toBeVisible();
    await summer.getByText("Delete", { exact: true }).click();
    await summer.getByRole("button", { name: "Delete with its messages" }).click();
    await expect(summer).toHaveCount(0);
    const api = await server.api(DEMO);
    await expect.poll(async () => (await (await api.get("/api/conversations")).json()).items.length).toBe(1);
});

test("without WASM teams, shares and conversations work", async ({ page, server, quiet }) => {
    await page.route("**/*.wasm", (route) => route.abort());
    await signIn(page, server, "/teams");
    await page.getByLabel("Name of the new team").fill("Plain");
    await page.getByRole("button", { name: "Create team" }).click();
    await page.waitForURL("**/teams/*-*");
    await page.getByLabel("Email address").fill("nobody@example.com");
    await page.getByRole("button", { name: "Add" }).click();
    await expect(page.getByRole("alert").first()).toContainText("Person not found");
    await expect(page.getByLabel("Email address")).toHaveValue("nobody@example.com");
    await page.getByLabel("Email address").fill(COLLEAGUE.email);
    await page.getByRole("button", { name: "Add" }).click();
    const grace = page.locator(".people li", { hasText: "Grace Hopper" });
    await grace.getByLabel("What Grace Hopper may do").selectOption("admin");
    await grace.getByRole("button", { name: "Save" }).click();
    await expect(grace.getByLabel("What Grace Hopper may do")).toHaveValue("admin");
    await grace.getByRole("button", { name: /^Remove/ }).click();
    await expect(grace).toHaveCount(0);

    await page.goto(`${server.url}/tasks?status=all`);
    const title = await page.locator(".task-title").first().innerText();
    await page.locator(".task").first().getByRole("link", { name: /^Share/ }).click();
    await page.waitForURL("**/shares");
    await expect(page.getByRole("heading", { level: 1 })).toContainText(title);
    await page.getByLabel("Email address").fill(COLLEAGUE.email);
    await page.getByRole("button", { name: "Share" }).click();
    await expect(grace).toBeVisible();
    await grace.getByRole("button", { name: /^Revoke/ }).click();
    await expect(page.getByText("Shared with nobody yet.")).toBeVisible();

    await page.goto(`${server.url}/tasks?shared=with_me`);
    const before = await page.locator(".task").count();
    await page.getByRole("button", { name: /^Give up/ }).first().click();
    await expect(page.locator(".task")).toHaveCount(before - 1);

    await page.goto(`${server.url}/chat`);
    await page.getByRole("button", { name: "New conversation" }).click();
    await page.getByLabel("Message").fill("Hello");
    await page.getByRole("button", { name: "Send" }).click();
    await expect(page.locator(".message.mine")).toContainText("Hello");
    await page.goto(`${server.url}/chat`);
    const item = page.locator(".conversations li", { hasText: "Hello" });
    await item.getByText("Rename").click();
    await item.getByLabel("Title").fill("Renamed talk");
    await item.getByRole("button", { name: "Save" }).click();
    await expect(page.locator(".conversations li", { hasText: "Renamed talk" })).toBeVisible();
    // The page's errors about the WASM that never loaded.
    await page.goto("about:blank");
    quiet.length = 0;
});

for (const colorScheme of ["light", "dark"] as const) {
    test(`phone width and axe, ${colorScheme}`, async ({ page, server }) => {
        await page.setViewportSize({ width: 375, height: 760 });
        await page.emulateMedia({ colorScheme });
        await signIn(page, server, "/teams");
        const team = await page.getByRole("link", { name: "Household" }).getAttribute("href");
        await page.goto(`${server.url}/chat`);
        const conversation = await page.locator("a.conversation").first().getAttribute("href");
        await page.goto(`${server.url}/tasks?status=all`);
        const shares = await page.locator('.task a[href$="/shares"]').first().getAttribute("href");
        const paths = ["/dashboard", "/teams", team!, "/tasks", `/tasks?team_id=${team!.split("/").pop()}`,
            "/tasks?shared=with_me", shares!, "/chat", conversation!];
        for (const path of paths) {
            await page.goto(`${server.url}${path}`);
            if (path !== "/teams") await alive(page);
            expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(375);
            await accessible(page);
        }
    });
}

test("the API's page shows every route and loads nothing from elsewhere", async ({ page, server }) => {
    const hosts = new Set<string>();
    page.on("request", (request) => hosts.add(new URL(request.url()).host));
    await page.goto(`${server.url}/api/docs`);
    await expect(page.locator("#operations-Tasks-create_task")).toBeVisible();
    await expect(page.locator("#operations-Teams-transfer_team")).toBeVisible();
    expect([...hosts].filter((host) => host && host !== new URL(server.url).host)).toEqual([]);
});

test("a new title that the server refuses stays typed", async ({ page, server, quiet }) => {
    await signIn(page, server, "/chat");
    await alive(page);
    const item = page.locator(".conversations li").first();
    const before = await item.locator(".conversation span").first().innerText();
    await item.getByText("Rename").click();
    await item.getByLabel("Title").fill("Not lost");
    await server.stop();
    await item.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("alert")).toContainText("Couldn't rename it");
    await expect(item.getByLabel("Title")).toBeVisible();
    await expect(item.getByLabel("Title")).toHaveValue("Not lost");
    await expect(item.locator(".conversation")).toContainText(before);
    quiet.length = 0;
});
