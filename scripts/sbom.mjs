// Reads `cargo metadata` and writes a CycloneDX list of the crates that are compiled into the program.
// https://cyclonedx.org/docs/1.5/json/
import { readFileSync } from "node:fs";

const metadata = JSON.parse(readFileSync(0, "utf8"));
const lock = readFileSync("Cargo.lock", "utf8");
const checksums = new Map(
    [...lock.matchAll(/name = "(.+)"\nversion = "(.+)"\nsource = .+\nchecksum = "(.+)"/g)].map(
        ([, name, version, checksum]) => [`${name}@${version}`, checksum],
    ),
);
const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
const packages = new Map(metadata.packages.map((item) => [item.id, item]));
// From the root over everything but dev-dependencies.
const found = new Set();
const queue = [metadata.resolve.root];
while (queue.length > 0) {
    const id = queue.pop();
    if (found.has(id)) continue;
    found.add(id);
    for (const dependency of nodes.get(id).deps) {
        if (dependency.dep_kinds.some((kind) => kind.kind !== "dev")) queue.push(dependency.pkg);
    }
}
for (const id of metadata.workspace_members) found.delete(id);
const components = [...found]
    .map((id) => packages.get(id))
    .map(({ name, version, license, description }) => ({
        type: "library",
        name,
        version,
        purl: `pkg:cargo/${name}@${version}`,
        ...(description && { description: description.trim() }),
        ...(license && { licenses: [{ expression: license.replaceAll("/", " OR ") }] }),
        ...(checksums.has(`${name}@${version}`) && {
            hashes: [{ alg: "SHA-256", content: checksums.get(`${name}@${version}`) }],
        }),
    }))
    .sort((one, other) => one.purl.localeCompare(other.purl));
if (components.length < 100) throw new Error(`only ${components.length} crates were found`);
const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component: { type: "application", name: "tallyboard", version: process.argv[2] } },
    components,
};
console.log(JSON.stringify(document, null, 2));
