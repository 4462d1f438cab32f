import { defineConfig } from "@playwright/test";

// Every worker starts its own servers on free ports (see server.ts): tests run side by side.
export default defineConfig({
    testDir: "./tests",
    fullyParallel: true,
    workers: 2,
    timeout: 60_000,
    expect: { timeout: 10_000 },
    // A test that passes only the second time is printed as FLAKY with its reason, and is a bug to mend.
    retries: 1,
    reporter: [["list"], ["./summary.ts"]],
    use: {
        viewport: { width: 1440, height: 900 },
        screenshot: "only-on-failure",
        launchOptions: {
            executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
            args: [
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        },
    },
});
