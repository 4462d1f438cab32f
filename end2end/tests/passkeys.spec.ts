import { withDevice } from "../passkeys";
import { accessible, expect, type Server, signIn, signOut, test } from "../server";

/** Passkeys belong to the name of a host, and this machine's is as good as https. */
const named = ({ url }: Server) => ({ url: url.replace("127.0.0.1", "localhost") });

for (const [name, size] of [
    ["a phone", { width: 390, height: 844 }],
    ["a desktop", { width: 1280, height: 800 }],
] as const) {
    test(`a passkey is added, signs in and is removed on ${name}`, async ({ page, server, quiet }) => {
        const { url } = named(server);
        await page.setViewportSize(size);
        const { device, authenticatorId } = await withDevice(page);
        await signIn(page, { url }, "/settings");
        await page.getByRole("link", { name: "Passkeys" }).click();
        await expect(page.getByText("None yet.")).toBeVisible();
        await expect(page.getByText("Passkeys don't work in this browser")).toHaveCount(0);
        await accessible(page);
        await page.getByLabel("Name").fill("My phone");
        await page.getByRole("button", { name: "Add a passkey" }).click();
        await expect(page.getByRole("status").first()).toHaveText("The passkey is added. It signs you in from now on.");
        await expect(page.getByRole("listitem").filter({ hasText: "My phone" })).toContainText("not used yet");
        await accessible(page);
        // The same device has one of this account already.
        await page.getByLabel("Name").fill("My phone again");
        await page.getByRole("button", { name: "Add a passkey" }).click();
        await expect(page.getByRole("alert")).toHaveText("This device already has a passkey for this account");
        await accessible(page);
        await signOut(page);

        await page.goto(`${url}/signin?next=%2Fsettings%2Fpasskeys`);
        await accessible(page);
        await page.getByRole("button", { name: "Sign in with a passkey" }).click();
        await page.waitForURL("**/settings/passkeys");
        await expect(page.getByRole("listitem").filter({ hasText: "My phone" })).toContainText("last used");
        await page.getByRole("button", { name: "Remove My phone" }).click();
        await expect(page.getByRole("status").first()).toHaveText("The passkey is removed. Delete it on the device, too.");
        await signOut(page);
        await page.getByRole("button", { name: "Sign in with a passkey" }).click();
        await expect(page.getByRole("alert")).toContainText("The passkey was not accepted");
        // The page has the status of the error.
        expect(quiet.every((line) => line.includes("401"))).toBe(true);
        quiet.length = 0;
        await accessible(page);

        // A device that does not verify its person, and one without a passkey.
        await device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
        await page.getByRole("button", { name: "Sign in with a passkey" }).click();
        await expect(page.getByText("It was cancelled, or took too long")).toBeVisible();
        await device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
        await device.send("WebAuthn.clearCredentials", { authenticatorId });
        await page.getByRole("button", { name: "Sign in with a passkey" }).click();
        await expect(page.getByText("It was cancelled, or took too long")).toBeVisible();
    });
}

test("a passkey signs in to an account with two-step sign-in, and nothing is offered where passkeys don't work", async ({ page, server }) => {
    const { url } = named(server);
    await withDevice(page);
    await signIn(page, { url }, "/settings/passkeys");
    await page.getByLabel("Name").fill("My phone");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await expect(page.getByRole("status").first()).toContainText("The passkey is added.");
    await signOut(page);
    await page.goto(`${url}/signin/code?challenge=x&next=%2Ftasks`);
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.waitForURL("**/tasks");

    // The address of the same server in numbers: a browser refuses passkeys there, so none is offered.
    await page.goto(`${server.url}/signin`);
    await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible();
    await expect(page.getByText("passkey")).toHaveCount(0);
});

test("without script a page with passkeys works, and says what is missing", async ({ browser, server }) => {
    const { url } = named(server);
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await signIn(page, { url }, "/settings/passkeys");
    await expect(page.getByText("Passkeys don't work in this browser")).toBeVisible();
    await expect(page.getByRole("button", { name: "Add a passkey" })).toHaveCount(0);
    await context.close();
});
