import { createHmac } from "node:crypto";
import { accessible, DEMO, expect, signIn, signOut, test } from "../server";

/** The code of RFC 6238 that an app shows for this secret, this many 30-second steps from now. */
function code(base32: string, halfMinutes: number): string {
    const bits = [...base32].map((digit) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(digit).toString(2).padStart(5, "0")).join("");
    const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + halfMinutes));
    const hash = createHmac("sha1", key).update(counter).digest();
    const offset = hash.at(-1)! & 15;
    return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

for (const [device, size, javaScriptEnabled] of [
    ["a phone", { width: 390, height: 844 }, true],
    ["a desktop without script", { width: 1280, height: 800 }, false],
] as const) {
    test(`two-step sign-in is set up, asked for and ended on ${device}`, async ({ browser, server }) => {
        const context = await browser.newContext({ viewport: size, javaScriptEnabled });
        const page = await context.newPage();
        await signIn(page, server, "/settings");
        await page.getByRole("link", { name: "Two-step sign-in" }).click();
        if (javaScriptEnabled) await accessible(page);
        await page.getByLabel("Your password").fill(DEMO.password);
        await page.getByRole("button", { name: "Set it up" }).click();
        await expect(page.getByRole("img", { name: "QR code of the secret" })).toBeVisible();
        if (javaScriptEnabled) await accessible(page);
        const secret = await page.getByLabel("The secret", { exact: true }).innerText();
        await page.getByLabel("Code", { exact: true }).fill("000000");
        await page.getByRole("button", { name: "Confirm" }).click();
        await expect(page.getByText("is not right, or was used before")).toBeVisible();
        await page.getByLabel("Code", { exact: true }).fill(code(secret, 0));
        await page.getByRole("button", { name: "Confirm" }).click();
        await expect(page.getByRole("status").first()).toHaveText("You'll need a code to sign in from now on.");
        const recovery = (await page.getByLabel("The recovery codes", { exact: true }).innerText()).split("\n");
        expect(recovery).toHaveLength(10);
        if (javaScriptEnabled) await accessible(page);
        await signOut(page);

        for (const typed of [code(secret, 1), recovery[0]]) {
            await page.goto(`${server.url}/signin?next=%2Fsettings%2Ftwo-step`);
            await page.getByLabel("Email").fill(DEMO.email);
            await page.getByLabel("Password").fill(DEMO.password);
            await page.getByRole("button", { name: "Sign in" }).click();
            await page.waitForURL("**/signin/code?*");
            if (javaScriptEnabled) await accessible(page);
            await page.getByLabel("Code").fill(typed);
            await page.getByRole("button", { name: "Sign in" }).click();
            await page.waitForURL("**/settings/two-step");
            await expect(page.getByText(typed === recovery[0] ? "9 recovery codes are left." : "10 recovery codes are left.")).toBeVisible();
            if (typed !== recovery[0]) await signOut(page);
        }
        if (javaScriptEnabled) await accessible(page);
        await page.getByLabel("Your password").fill(DEMO.password);
        await page.getByLabel("Code", { exact: true }).fill(recovery[1]);
        await page.getByRole("button", { name: "Turn off" }).click();
        await expect(page.getByRole("status")).toHaveText("Your password is now enough to sign in.");
        await signOut(page);
        await signIn(page, server, "/settings");
        await context.close();
    });
}
