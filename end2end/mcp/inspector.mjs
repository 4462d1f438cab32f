// The MCP inspector in its command-line mode lists every tool and calls each once.
// node inspector.mjs URL TOKEN
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const [, , url, token] = process.argv;
const program = fileURLToPath(new URL("node_modules/.bin/mcp-inspector", import.meta.url));

function inspect(...options) {
  const target = ["--cli", `${url}/mcp`, "--transport", "http", "--header", `Authorization: Bearer ${token}`];
  const text = execFileSync(process.execPath, [program, ...target, ...options], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return JSON.parse(text);
}

function call(name, args) {
  const pairs = Object.entries(args).flatMap(([key, value]) => ["--tool-arg", `${key}=${value}`]);
  const result = inspect("--method", "tools/call", "--tool-name", name, ...pairs);
  called.add(name);
  return result;
}

function content(name, args) {
  const result = call(name, args);
  assert.ok(!result.isError, `${name}: ${JSON.stringify(result)}`);
  return result.structuredContent;
}

const called = new Set();
const listed = inspect("--method", "tools/list").tools.map((tool) => tool.name);
const task = content("create_task", { title: "Inspected" });
const task_id = task.id;
assert.equal(content("get_task", { task_id }).title, "Inspected");
assert.equal(content("update_task", { task_id, title: "Inspected twice" }).title, "Inspected twice");
assert.equal(content("complete_task", { task_id }).status, "completed");
assert.equal(content("reopen_task", { task_id }).status, "pending");
assert.ok(content("list_tasks", { status: "pending" }).items.some((item) => item.id === task_id));
assert.equal(content("search", { query: "inspected twice" }).items[0].id, task_id);
assert.ok(content("get_statistics", {}).statistics.total_tasks > 0);
const team = content("list_teams", {}).items[0];
const members = content("list_team_members", { team_id: team.id }).items;
const other = members.find((member) => member.user_id !== task.user_id);
content("share_task", { task_id, user_id: other.user_id });
content("unshare_task", { task_id, user_id: other.user_id });
content("save_message", { role: "user", content: "Kept" });
assert.equal(content("delete_task", { task_id }).deleted, task_id);
assert.equal(content("restore_task", { task_id }).id, task_id);
assert.deepEqual([...called].sort(), [...listed].sort());
console.log(`  the inspector called ${called.size} of ${listed.length} tools: passed`);
