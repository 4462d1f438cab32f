// Adds the token to every request: the conformance suite has no option for headers.
// node proxy.mjs TARGET TOKEN; prints its own address.
import http from "node:http";

const [, , target, token] = process.argv;
const { hostname, port } = new URL(target);
const server = http.createServer((request, answer) => {
  const headers = { ...request.headers, authorization: `Bearer ${token}` };
  const options = { hostname, port, path: request.url, method: request.method, headers };
  const passed = http.request(options, (from) => {
    answer.writeHead(from.statusCode, from.headers);
    from.pipe(answer);
    // A stream that the suite leaves must end at the server, too.
    answer.on("close", () => from.destroy());
  });
  passed.on("error", () => answer.destroy());
  request.pipe(passed);
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
