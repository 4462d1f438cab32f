// What a page costs a browser: bytes over the network, and how long its main thread is blocked.
import type { BrowserContext } from "@playwright/test";

/** Every byte of a first load, as it came over the network. */
export async function firstLoadBytes(context: BrowserContext, url: string): Promise<number> {
    const page = await context.newPage();
    const network = await context.newCDPSession(page);
    await network.send("Network.enable");
    await network.send("Network.setCacheDisabled", { cacheDisabled: true });
    let bytes = 0;
    network.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
    await page.goto(url);
    await page.locator("html[data-alive]").waitFor();
    await page.waitForLoadState("networkidle");
    await page.close();
    return bytes;
}

/** For how many milliseconds longer than 50 each task blocked the main thread, summed, at a slower processor. */
export async function blockedMilliseconds(context: BrowserContext, url: string, slower: number): Promise<number> {
    const page = await context.newPage();
    const emulation = await context.newCDPSession(page);
    await emulation.send("Emulation.setCPUThrottlingRate", { rate: slower });
    await page.addInitScript(() => {
        Object.assign(window, { blocked: 0 });
        new PerformanceObserver((list) => {
            for (const task of list.getEntries()) (window as unknown as { blocked: number }).blocked += task.duration - 50;
        }).observe({ type: "longtask", buffered: true });
    });
    await page.goto(url);
    await page.locator("html[data-alive]").waitFor();
    await page.waitForLoadState("networkidle");
    const blocked = await page.evaluate(() => (window as unknown as { blocked: number }).blocked);
    await page.close();
    return blocked;
}

/** When a first load was first painted and when its largest part was, in milliseconds after it began, at a slower processor. */
export async function paints(context: BrowserContext, url: string, slower: number): Promise<{ first: number; largest: number }> {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send("Network.enable");
    await devtools.send("Network.setCacheDisabled", { cacheDisabled: true });
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: slower });
    await page.addInitScript(() => {
        Object.assign(window, { largest: 0 });
        new PerformanceObserver((list) => {
            for (const paint of list.getEntries()) Object.assign(window, { largest: paint.startTime });
        }).observe({ type: "largest-contentful-paint", buffered: true });
    });
    await page.goto(url);
    await page.locator("html[data-alive]").waitFor();
    await page.waitForLoadState("networkidle");
    const times = await page.evaluate(() => ({
        first: performance.getEntriesByName("first-contentful-paint")[0].startTime,
        largest: (window as unknown as { largest: number }).largest,
    }));
    await page.close();
    return times;
}
