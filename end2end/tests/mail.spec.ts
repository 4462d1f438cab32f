import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { accessible, DEMO, expect, Server, signIn, signOut, test } from "../server";

type Mail = { to: string[]; subject: string; text: string };

/** A real SMTP server, and every mail that it has accepted. */
async function smtpServer(): Promise<{ process: ChildProcess; port: string; mails: Mail[] }> {
    const process = spawn("node", [join(import.meta.dirname, "../smtp.mjs")], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface(process.stdout!);
    const port = await new Promise<string>((first) => lines.once("line", first));
    const mails: Mail[] = [];
    lines.on("line", (line) => mails.push(JSON.parse(line)));
    return { process, port, mails };
}

test("a forgotten password, an invitation and the choice of mails, with a real SMTP server", async ({ page }) => {
    const smtp = await smtpServer();
    const server = new Server({ TALLYBOARD_MAIL_SERVER: `smtp://127.0.0.1:${smtp.port}`, TALLYBOARD_MAIL_FROM: "tasks@example.org" });
    server.seed();
    await server.start();
    const mailTo = async (address: string) => {
        const find = () => smtp.mails.find((mail) => mail.to.includes(address));
        await expect.poll(() => find() !== undefined, { timeout: 30_000 }).toBe(true);
        return find()!;
    };
    const link = (mail: Mail) => mail.text.match(/^http:\S+/m)![0];

    await page.goto(`${server.url}/signin`);
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await accessible(page);
    await page.getByLabel("Email").fill(DEMO.email);
    await page.getByRole("button", { name: "Send the mail" }).click();
    await expect(page.getByRole("status")).toContainText("a mail with a link is on its way");
    await accessible(page);
    await page.goto(link(await mailTo(DEMO.email)));
    await page.getByLabel("New password").fill("brass-kettle-41-meadow");
    await page.getByRole("button", { name: "Set the password" }).click();
    await signIn(page, server, "/teams", { ...DEMO, password: "brass-kettle-41-meadow" });

    await page.getByRole("link", { name: "Household" }).click();
    await page.getByLabel("Mail it to").fill("alan@example.org");
    await page.getByRole("button", { name: "Invite" }).click();
    await expect(page.locator("#main").getByRole("status").first()).toHaveText("The link is on its way to alan@example.org.");
    await accessible(page);
    const invitation = link(await mailTo("alan@example.org"));

    await page.goto(`${server.url}/settings/notifications`);
    await page.getByLabel("What is due today: By mail").check();
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("status")).toHaveText("Your settings are saved.");
    await expect(page.getByLabel("What is due today: By mail")).toBeChecked();
    await accessible(page);

    await signOut(page);
    await page.goto(invitation);
    await expect(page.getByRole("heading", { name: "Join “Household”" })).toBeVisible();
    await page.goto("about:blank");
    await server.remove();
    smtp.process.kill();
});
