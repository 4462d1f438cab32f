// Bytes of a first load, and how long the main thread is blocked at a processor four times slower: `make bench`.
import { signIn, test } from "../server";
import { blockedMilliseconds, firstLoadBytes } from "../weight";

const RUNS = 7;

for (const path of ["/dashboard", "/tasks"]) {
    test(`weight of ${path}`, async ({ page, context, server }) => {
        await signIn(page, server);
        const bytes = await firstLoadBytes(context, server.url + path);
        const blocked: number[] = [];
        for (let run = 0; run < RUNS; run++) {
            blocked.push(await blockedMilliseconds(context, server.url + path, 4));
        }
        blocked.sort((one, other) => one - other);
        const median = blocked[Math.floor(RUNS / 2)].toFixed(0);
        console.log(`${path}: ${bytes} bytes in all, blocked for ${median} ms at 4x (median of ${RUNS} first loads)`);
    });
}
