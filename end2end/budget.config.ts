import config from "./bench.config";

// What the browser gets from a release is weighed: bytes against the budget, and for how long the main thread is blocked.
export default { ...config, testIgnore: [], testMatch: ["budget.spec.ts", "weight.spec.ts", "paint.spec.ts"], reporter: "list" };
