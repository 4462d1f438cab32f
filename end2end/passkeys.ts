import type { CDPSession, Page } from "@playwright/test";

/** A device of Chromium's own that keeps passkeys and verifies its person. */
export async function withDevice(page: Page): Promise<{ device: CDPSession; authenticatorId: string }> {
    const device = await page.context().newCDPSession(page);
    await device.send("WebAuthn.enable");
    const { authenticatorId } = await device.send("WebAuthn.addVirtualAuthenticator", {
        options: {
            protocol: "ctap2",
            transport: "internal",
            hasResidentKey: true,
            hasUserVerification: true,
            isUserVerified: true,
            automaticPresenceSimulation: true,
        },
    });
    return { device, authenticatorId };
}
