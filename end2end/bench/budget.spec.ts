import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, signIn, test } from "../server";
import { firstLoadBytes } from "../weight";

// The bytes of each page when they were last looked at. A page may grow by 3 %; more is a decision, made in that file.
const budget: Record<string, number> = JSON.parse(readFileSync(resolve(import.meta.dirname, "../budget.json"), "utf8"));

test("no page sends more bytes than its budget", async ({ page, context, server }) => {
    await signIn(page, server);
    for (const [path, allowed] of Object.entries(budget)) {
        const bytes = await firstLoadBytes(context, server.url + path);
        console.log(`${path}: ${bytes} bytes, budget ${allowed}`);
        expect(bytes, `${path}: if it has to grow, write ${bytes} into end2end/budget.json`).toBeLessThan(allowed * 1.03);
    }
});
