import config from "./playwright.config";

// The same browser and servers, making pictures instead of tests.
export default { ...config, testDir: "./screenshots", reporter: "list" };
