import { alive, DEMO, expect, signIn, test } from "../server";

test("the toast and Ctrl+Z take back what was done, pile by pile", async ({ page, server }) => {
    const api = await server.api(DEMO);
    const due_at = "2031-05-05T09:30:00Z";
    for (const title of ["Undo A", "Undo B", "Undo C"]) await api.post("/api/tasks", { data: { title, due_at } });
    const stored = async () => (await (await api.get("/api/tasks?q=Undo&sort=title")).json()).items;
    await signIn(page, server, "/tasks?q=Undo&status=pending");
    await alive(page);
    const row = (title: string) => page.locator(".task", { hasText: title });
    const toast = page.locator("#undo");

    await row("Undo A").getByRole("checkbox", { name: "Completed" }).click();
    await expect(toast).toContainText("Completed “Undo A”");
    await expect(row("Undo A")).toHaveCount(0);
    await page.keyboard.press("z");
    await expect(row("Undo A")).toBeVisible();
    await row("Undo A").hover();
    await row("Undo A").getByRole("button", { name: "Delete" }).click();
    await expect(toast).toContainText("Deleted “Undo A”");
    await expect(row("Undo A")).toHaveCount(0);
    await row("Undo B").hover();
    await row("Undo B").getByRole("button", { name: "Delete" }).click();
    await expect(toast).toContainText("Deleted “Undo B”, and 1 more");
    await expect(row("Undo B")).toHaveCount(0);
    await toast.getByRole("button", { name: "Undo" }).click();
    await expect(row("Undo A")).toBeVisible();
    await expect(row("Undo B")).toBeVisible();
    await expect(toast).toBeHidden();

    await row("Undo C").hover();
    await row("Undo C").getByText("Edit", { exact: true }).click();
    await row("Undo C").getByLabel("Title").fill("Undo D");
    await row("Undo C").getByLabel("Due on").fill("2031-06-06");
    await page.keyboard.press("Enter");
    await expect(toast).toContainText("Saved “Undo C”");
    await expect.poll(async () => (await stored())[2].title).toBe("Undo D");
    // After the toast is gone the key still undoes.
    await expect(toast).toBeHidden({ timeout: 10_000 });
    await page.locator("h1").click();
    await page.keyboard.press("Control+z");
    await expect(row("Undo C")).toBeVisible();
    const last = (await stored())[2];
    expect([last.title, last.due_at]).toEqual(["Undo C", due_at]);
});

test("a deleted task stays deleted after a reload, and comes back from the trash", async ({ page, server }) => {
    const api = await server.api(DEMO);
    await api.post("/api/tasks", { data: { title: "Gone and back" } });
    await signIn(page, server, "/tasks?q=Gone");
    await alive(page);
    const row = page.locator(".task", { hasText: "Gone and back" });
    await row.hover();
    await row.getByRole("button", { name: "Delete" }).click();
    await expect(page.locator("#undo")).toContainText("Deleted");
    await page.reload();
    await alive(page);
    await expect(row).toHaveCount(0);
    await page.getByRole("link", { name: "Trash" }).click();
    await expect(page.getByText("Gone and back")).toBeVisible();
    await page.getByRole("button", { name: "Restore Gone and back" }).click();
    await expect(page.getByText("Gone and back")).toHaveCount(0);
    await page.goto(`${server.url}/tasks?q=Gone`);
    await expect(row).toBeVisible();
});
