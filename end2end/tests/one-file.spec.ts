// The program with the site inside, in a folder with nothing beside it.
import { resolve } from "node:path";
import { alive, expect, Server, signIn, test } from "../server.ts";

const program = resolve(import.meta.dirname, "../../target/one-file/tallyboard");

test("one file in an empty folder is enough", async ({ page, request }) => {
    const server = new Server({ TALLYBOARD_SERVER_SITE_ROOT: "" }, program);
    try {
        server.seed();
        await server.start();
        await signIn(page, server);
        await alive(page);

        const loaded = await page.evaluate(() =>
            performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname),
        );
        const files = loaded.filter((path) => path.startsWith("/pkg/"));
        expect(files.some((path) => path.endsWith(".wasm")) && files.some((path) => path.endsWith(".css"))).toBe(true);
        for (const file of files) {
            const answer = await request.get(server.url + file, { headers: { "accept-encoding": "br" } });
            expect(answer.status()).toBe(200);
            const headers = answer.headers();
            expect(headers["content-encoding"]).toBe("br");
            expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable");
            const again = await request.get(server.url + file, { headers: { "if-none-match": headers["etag"]! } });
            expect(again.status()).toBe(304);
        }
        const missing = await request.get(`${server.url}/pkg/missing.js`);
        expect([missing.status(), missing.headers()["cache-control"]]).toEqual([404, "no-store"]);
        expect((await request.get(`${server.url}/favicon.svg`)).headers()["content-type"]).toBe("image/svg+xml");
        expect((await request.get(`${server.url}/hash.txt`)).status()).toBe(404);
    } finally {
        await server.remove();
    }
});
