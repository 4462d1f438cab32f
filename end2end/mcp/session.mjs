// A whole session with the official TypeScript SDK: discover, list, create, complete, listen, hear a change that a
// browser made. In the newest revision and in the previous one.
// node session.mjs URL TOKEN EMAIL PASSWORD
import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const [, , url, token, email, password] = process.argv;
const DASHBOARD = "tallyboard://dashboard";

/** Signs in with the form of the page, as a browser does; its cookie. */
async function browser() {
  const answer = await fetch(`${url}/signin`, {
    method: "POST",
    redirect: "manual",
    headers: { accept: "text/html", origin: url, referer: `${url}/signin` },
    body: new URLSearchParams({ form: "sign_in", email, password }),
  });
  return answer.headers.get("set-cookie").split(";")[0];
}

/** Adds a task with the form of the page. */
async function addInBrowser(cookie, title) {
  const answer = await fetch(`${url}/tasks`, {
    method: "POST",
    redirect: "manual",
    headers: { accept: "text/html", origin: url, referer: `${url}/tasks`, cookie },
    body: new URLSearchParams({ form: "create_task", title }),
  });
  assert.equal(answer.status, 303);
}

async function session(revision, versionNegotiation) {
  const client = new Client({ name: "session-test", version: "1" }, { versionNegotiation });
  const headers = { Authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }));
  assert.equal(client.getServerVersion().name, "tallyboard");
  assert.match(client.getInstructions(), /data/);

  const { tools } = await client.listTools();
  assert.ok(tools.length >= 12 && tools.length <= 15, `${tools.length} tools`);
  const call = async (name, args) => {
    const result = await client.callTool({ name, arguments: args });
    assert.ok(!result.isError, JSON.stringify(result));
    return result.structuredContent;
  };
  const task = await call("create_task", { title: `From ${revision}`, due_at: "2026-12-24" });
  assert.equal((await call("complete_task", { task_id: task.id })).status, "completed");
  assert.equal((await call("search", { query: `From ${revision}` })).items[0].id, task.id);

  const heard = Promise.withResolvers();
  client.setNotificationHandler("notifications/resources/updated", (notification) => {
    if (notification.params.uri === DASHBOARD) heard.resolve();
  });
  if (revision === "2026-07-28") {
    await client.listen({ resourceSubscriptions: [DASHBOARD] });
  } else {
    await client.subscribeResource({ uri: DASHBOARD });
  }
  const before = JSON.parse((await client.readResource({ uri: DASHBOARD })).contents[0].text).statistics.total_tasks;
  const cookie = await browser();
  // The older revision's stream opens beside the requests: what comes before it is not told.
  let added = 0;
  const adding = setInterval(() => addInBrowser(cookie, `By a browser ${++added}`), 500);
  await Promise.race([
    heard.promise,
    new Promise((_, fail) => setTimeout(() => fail(new Error(`${revision}: nothing was heard for 20 s`)), 20_000)),
  ]);
  clearInterval(adding);
  const after = JSON.parse((await client.readResource({ uri: DASHBOARD })).contents[0].text).statistics.total_tasks;
  assert.ok(after > before, `${after} tasks after ${before}`);
  await client.close();
  console.log(`  a session of the TypeScript SDK in ${revision}: passed`);
}

await session("2026-07-28", { mode: { pin: "2026-07-28" } });
await session("2025-11-25", { mode: "legacy" });
process.exit(0);
