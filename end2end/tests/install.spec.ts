import { expect, signIn, test } from "../server";

test("the board can be installed: the manifest's files exist in the declared sizes", async ({ page, server }) => {
    await signIn(page, server);
    const devtools = await page.context().newCDPSession(page);
    const { url, errors, data } = await devtools.send("Page.getAppManifest");
    expect(errors).toEqual([]);
    expect(url).toBe(`${server.url}/manifest.webmanifest`);
    const manifest = JSON.parse(data!);
    const touch = await page.locator('link[rel="apple-touch-icon"]').getAttribute("href");
    for (const { src, sizes } of [...manifest.icons, { src: touch, sizes: "180x180" }]) {
        const size = await page.evaluate(async (src) => {
            const image = new Image();
            image.src = src;
            await image.decode();
            return `${image.naturalWidth}x${image.naturalHeight}`;
        }, src);
        if (sizes !== "any") expect(size, src).toBe(sizes);
    }
    for (const { url } of [{ url: manifest.start_url }, ...manifest.shortcuts]) {
        const answer = await page.goto(server.url + url);
        expect(answer!.status(), url).toBe(200);
        expect(page.url()).toBe(server.url + url);
    }
});
