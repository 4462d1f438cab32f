import config from "./bench.config";

// Weighs what the browser gets from a release: bytes against the budget, and how long the main thread is blocked.
export default { ...config, testIgnore: [], testMatch: ["budget.spec.ts", "weight.spec.ts", "paint.spec.ts"], reporter: "list" };
