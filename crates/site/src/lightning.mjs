// Rewrites a CSS file for the browsers that browserslist calls "defaults", as cargo-leptos does.
import { readFileSync, writeFileSync } from "node:fs";
import browserslist from "browserslist";
import { browserslistToTargets, transform } from "lightningcss";

const [file, minify] = process.argv.slice(1);
const targets = browserslistToTargets(browserslist("defaults"));
writeFileSync(file, transform({ filename: file, code: readFileSync(file), minify: minify === "true", targets }).code);
