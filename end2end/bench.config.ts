import config from "./playwright.config";

// The same browser and servers, one at a time and measured.
export default { ...config, testDir: "./bench", testIgnore: "budget.spec.ts", workers: 1, retries: 0, reporter: "line" };
