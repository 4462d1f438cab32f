import { Model, type Message, type Turn } from "../model";
import { accessible, alive, COLLEAGUE, DEMO, expect, Server, signIn, test as base } from "../server";
import type { Page } from "@playwright/test";

// Each test says what the model does.
const test = base.extend<{ script: { turn: (messages: Message[]) => Turn }; model: Model }>({
    script: async ({}, use) => use({ turn: () => ({ words: ["Hello."] }) }),
    model: async ({ script }, use) => {
        const model = await Model.start((messages) => script.turn(messages));
        await use(model);
        model.stop();
    },
    server: async ({ page, model }, use) => {
        const server = new Server(model.settings);
        server.seed();
        await server.start();
        await use(server);
        await page.goto("about:blank");
        await server.remove();
    },
});

async function begin(page: Page) {
    await page.getByRole("button", { name: "New conversation" }).click();
    await page.waitForURL("**/chat/*-*");
}

async function say(page: Page, words: string) {
    await page.getByLabel("Message", { exact: true }).fill(words);
    await page.getByRole("button", { name: "Send" }).click();
}

const lastMessage = (page: Page) => page.locator(".message").last();

base("commands: completed as one types, answered with links", async ({ page, server }) => {
    await signIn(page, server, "/chat");
    await alive(page);
    await begin(page);
    await alive(page);
    const field = page.getByLabel("Message", { exact: true });
    await field.pressSequentially("/");
    await expect(page.locator(".completions li")).toHaveCount(8);
    await field.pressSequentially("ad");
    await expect(page.locator(".completions li")).toHaveText(["/add title [day] [@team] adds a task"]);
    await accessible(page);
    await page.keyboard.press("Tab");
    await expect(field).toHaveValue("/add ");
    await field.pressSequentially("Buy <b>oat</b> milk tomorrow @House");
    await accessible(page);
    await page.keyboard.press("Control+Enter");
    const link = lastMessage(page).getByRole("link", { name: "Buy <b>oat</b> milk", exact: true });
    await expect(lastMessage(page)).toContainText("in the team Household, due tomorrow");
    await accessible(page);
    await link.click();
    await expect(page.locator(".task-title").first()).toHaveText("Buy <b>oat</b> milk");
    await page.goBack();
    await alive(page);
    await say(page, "/dance");
    await expect(lastMessage(page)).toContainText("There is no command /dance");
    await page.getByText("Edit and ask again").click();
    await expect(field).toHaveValue("/dance");
    await field.fill("/stats");
    await page.keyboard.press("Control+Enter");
    await expect(lastMessage(page)).toContainText("shared with you");
    await expect(page.locator(".message")).toHaveCount(4);
});

base("Enter sends, Shift+Enter breaks the line, and the first message is the title", async ({ page, server }) => {
    await signIn(page, server, "/chat");
    await begin(page);
    await alive(page);
    const field = page.getByLabel("Message", { exact: true });
    const height = async () => (await field.boundingBox())!.height;
    const oneLine = await height();
    await field.pressSequentially("Where to?");
    await page.keyboard.press("Shift+Enter");
    await field.pressSequentially("And when?");
    await expect(field).toHaveValue("Where to?\nAnd when?");
    expect(await height()).toBeGreaterThan(oneLine);
    // An input method that composes a word has Enter for itself.
    await field.dispatchEvent("keydown", { key: "Enter", isComposing: true });
    await expect(page.locator(".message")).toHaveCount(0);
    await page.keyboard.press("Enter");
    await expect(page.locator(".message.mine .said")).toHaveText("Where to?\nAnd when?");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Where to?");
    await field.fill(Array(20).fill("line").join("\n"));
    expect(await height()).toBeLessThan(oneLine * 6);
});

base("the menu of commands: arrows, Enter, Escape", async ({ page, server }) => {
    await signIn(page, server, "/chat");
    await expect(page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Commands" })).toHaveAttribute("aria-current", "page");
    await begin(page);
    await alive(page);
    const field = page.getByLabel("Message", { exact: true });
    const menu = page.getByRole("listbox", { name: "Commands" });
    await field.pressSequentially("/");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await expect(menu.getByRole("option", { selected: true })).toContainText("/done task");
    await expect(field).toHaveAttribute("aria-activedescendant", "command-2");
    await page.keyboard.press("Escape");
    await expect(menu).toBeHidden();
    await field.fill("/");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await expect(field).toHaveValue("/help");
    await page.keyboard.press("Enter");
    await expect(lastMessage(page)).toContainText("/reopen");
    await field.fill("/st");
    await menu.getByRole("option").click();
    await expect(field).toHaveValue("/stats");
});

base("an empty conversation offers five commands", async ({ page, server }) => {
    await signIn(page, server, "/chat");
    await begin(page);
    await alive(page);
    await accessible(page);
    await expect(page.locator(".examples button")).toHaveCount(5);
    await page.getByRole("button", { name: "/stats" }).click();
    await expect(lastMessage(page)).toContainText("shared with you");
    await expect(page.locator(".examples")).toBeHidden();
});

base.describe("without script", () => {
    base.use({ javaScriptEnabled: false });
    base("a conversation begins with one click, and its commands are buttons", async ({ page, server }) => {
        await signIn(page, server, "/chat");
        await begin(page);
        await page.getByRole("button", { name: "/stats" }).click();
        await expect(lastMessage(page)).toContainText("shared with you");
    });
});

test("an answer streams in two browsers, is stopped and asked again", async ({ page, other, server, model, script }) => {
    script.turn = () => ({ words: ["Once ", "upon ", "a ", "time"], hold: true });
    await signIn(page, server, "/chat");
    await alive(page);
    await begin(page);
    await alive(page);
    await signIn(other, server, new URL(page.url()).pathname);
    await alive(other);
    await say(page, "Tell me a story");
    for (const shown of [page, other]) {
        await expect(lastMessage(shown)).toContainText("Once upon a time");
        await expect(lastMessage(shown)).toContainText("is writing");
    }
    await accessible(page);
    // A page that is opened in the middle shows what there is.
    await other.reload();
    await alive(other);
    await expect(lastMessage(other)).toContainText("Once upon a time");
    await other.getByRole("button", { name: "Stop" }).click();
    for (const shown of [page, other]) {
        await expect(lastMessage(shown)).toContainText("stopped");
        await expect(shown.getByRole("button", { name: "Stop" })).toBeHidden();
    }
    script.turn = () => ({ words: ["**The end.**"] });
    await page.getByRole("button", { name: "Retry" }).click();
    for (const shown of [page, other]) {
        await expect(lastMessage(shown).locator("strong")).toHaveText("The end.");
        await expect(shown.locator(".message")).toHaveCount(2);
    }
    model.goOn();
});

test("a deletion waits for the person's approval", async ({ page, server, script }) => {
    const api = await server.api(DEMO);
    const task = await (await api.post("/api/tasks", { data: { title: "Old news" } })).json();
    script.turn = (messages) => {
        const last = messages.at(-1)!;
        return last.role === "tool" ? { words: ["It is gone."] } : { call: "delete_task", with: { task_id: task.id } };
    };
    await signIn(page, server, "/chat");
    await alive(page);
    await begin(page);
    await alive(page);
    await say(page, "Delete the old news");
    await expect(lastMessage(page)).toContainText("Delete “Old news” for everybody who sees it?");
    await accessible(page);
    expect((await api.get(`/api/tasks/${task.id}`)).status()).toBe(200);
    await page.getByRole("button", { name: "Yes, do it" }).click();
    await expect(lastMessage(page)).toContainText("It is gone.");
    await expect(lastMessage(page).locator(".steps")).toContainText("Delete “Old news”");
    expect((await api.get(`/api/tasks/${task.id}`)).status()).toBe(404);
    await expect(page.getByRole("button", { name: "Yes, do it" })).toHaveCount(0);
});

test("without WASM: ask, read, decline, retry", async ({ page, server, script, quiet }) => {
    await page.route("**/*.wasm", (route) => route.abort());
    await page.route("**/*.js", (route) => route.abort());
    script.turn = () => ({ words: ["Plain ", "words."] });
    await signIn(page, server, "/chat");
    await begin(page);
    await say(page, "Hello");
    await expect(async () => {
        await page.reload();
        await expect(lastMessage(page)).toContainText("Plain words.");
        await expect(lastMessage(page)).toContainText("tokens", { timeout: 100 });
    }).toPass();
    await say(page, `/share Plan ${COLLEAGUE.email}`);
    await expect(lastMessage(page)).toContainText("Which one do you mean?");
    await say(page, "/add Paint a zebra");
    await expect(lastMessage(page)).toContainText("Added Paint a zebra");
    await say(page, `/share zebra ${COLLEAGUE.email}`);
    await page.getByRole("button", { name: "No", exact: true }).last().click();
    await expect(lastMessage(page)).toContainText("Nothing was done.");
    await say(page, `/share zebra ${COLLEAGUE.email} edit`);
    await page.getByRole("button", { name: "Yes, do it" }).last().click();
    await expect(lastMessage(page)).toContainText("Done.");
    const grace = await server.api(COLLEAGUE);
    const shared = await (await grace.get("/api/tasks?shared=with_me&q=zebra")).json();
    expect(shared.items[0].access).toBe("shared_edit");
    await page.goto("about:blank");
    quiet.length = 0;
});
