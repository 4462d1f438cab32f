// How apps get in by themselves: the conformance suite's scenarios for authorization servers, and the official TypeScript SDK
// from a refusal to a tool call with nothing but the address. A script approves instead of a person.
// node oauth.mjs URL EMAIL PASSWORD
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";

const [, , url, email, password] = process.argv;

/** Signs in with the form of the page, as a browser does; its cookie. */
async function signIn() {
  const answer = await fetch(`${url}/signin`, {
    method: "POST",
    redirect: "manual",
    headers: { accept: "text/html", origin: url, referer: `${url}/signin` },
    body: new URLSearchParams({ form: "sign_in", email, password }),
  });
  return answer.headers.get("set-cookie").split(";")[0];
}

/** Opens the address that an app wants opened, and presses the button: where the browser is led. */
async function consent(cookie, address) {
  const page = await (await fetch(address, { headers: { cookie, accept: "text/html" } })).text();
  const nonce = page.match(/name="nonce" value="([^"]+)"/)?.[1];
  assert.ok(nonce, page);
  const answer = await fetch(`${url}/oauth/authorize`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie, accept: "text/html", origin: url },
    body: new URLSearchParams({ nonce, decision: "allow" }),
  });
  assert.equal(answer.status, 303, await answer.text());
  return new URL(answer.headers.get("location"));
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function sdk(cookie) {
  const kept = {};
  let opened;
  const provider = {
    redirectUrl: "http://127.0.0.1:33418/callback",
    clientMetadata: {
      client_name: "TypeScript SDK",
      redirect_uris: ["http://127.0.0.1:33418/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    clientInformation: () => kept.client,
    saveClientInformation: (client) => void (kept.client = client),
    tokens: () => kept.tokens,
    saveTokens: (tokens) => void (kept.tokens = tokens),
    redirectToAuthorization: (address) => void (opened = address),
    saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
    codeVerifier: () => kept.verifier,
  };
  const connect = async () => {
    const client = new Client({ name: "oauth-test", version: "1" });
    const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { authProvider: provider });
    return { client, transport, connected: client.connect(transport) };
  };
  const first = await connect();
  await assert.rejects(first.connected, (error) => error instanceof UnauthorizedError || /unauthorized/i.test(String(error)));
  assert.ok(opened, "the SDK opened no address");
  const led = await consent(cookie, opened);
  // The SDK checks `iss` when it is given the whole answer.
  await first.transport.finishAuth(led.searchParams);
  const second = await connect();
  await second.connected;
  const result = await second.client.callTool({ name: "create_task", arguments: { title: "By an app that asked" } });
  assert.equal(result.structuredContent.title, "By an app that asked");
  await second.client.close();
  console.log("  the TypeScript SDK, from a refusal to a tool call with the address alone: passed");
}

async function suite(cookie) {
  const port = await freePort();
  const registered = await fetch(`${url}/oauth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_name: "Conformance suite",
      redirect_uris: [`http://127.0.0.1:${port}/callback`],
      token_endpoint_auth_method: "none",
      scope: "read write",
    }),
  });
  assert.equal(registered.status, 201);
  const { client_id } = await registered.json();
  const program = fileURLToPath(new URL("node_modules/@modelcontextprotocol/conformance/dist/index.js", import.meta.url));
  const options = ["authorization", "--url", url, "--client-id", client_id, "--resource", `${url}/mcp`, "--port", `${port}`];
  const running = spawn(process.execPath, [program, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  let asked = false;
  const listen = async (text) => {
    said += text;
    const address = said.match(/^http\S+\/oauth\/authorize\?\S+$/m)?.[0];
    if (address && !asked) {
      asked = true;
      await fetch(await consent(cookie, address));
    }
  };
  running.stdout.on("data", (data) => void listen(`${data}`));
  running.stderr.on("data", (data) => void listen(`${data}`));
  const code = await new Promise((done) => running.on("close", done));
  assert.equal(code, 0, said);
  const passed = said.match(/^✓ [a-z-]+: [1-9]/gm)?.length ?? 0;
  assert.equal(passed, 2, said);
  console.log(`  the conformance suite's authorization scenarios: ${passed} of 2 passed`);
}

const cookie = await signIn();
await suite(cookie);
await sdk(cookie);
process.exit(0);
