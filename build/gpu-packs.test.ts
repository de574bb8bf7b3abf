import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { readPackList } from "../native/engine/packs/pack-list.ts";
import { locate } from "../native/locations/locations.ts";

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const manifest = z
	.object({ version: z.string(), optionalDependencies: z.record(z.string(), z.string()) })
	.parse(read("../node_modules/node-llama-cpp/package.json"));
const { packages } = z
	.object({
		packages: z.record(z.string(), z.object({ version: z.string().optional(), integrity: z.string().optional() })),
	})
	.parse(read("../package-lock.json"));
const list = readPackList(locate("/nowhere").gpuPackListPath);
const parts = list.packs.flatMap((pack) => pack.parts);

test("the list of GPU packs is of the node-llama-cpp in use: run `node build/gpu-packs.ts` after a bump", () => {
	expect(list.version).toBe(manifest.version);
	expect(packages["node_modules/node-llama-cpp"]?.version).toBe(manifest.version);
});

test("every part is a package of node-llama-cpp, and its checksum is the lockfile's where that has one", () => {
	for (const { package: name, integrity } of parts) {
		expect(manifest.optionalDependencies[name]).toBe(manifest.version);
		expect(packages[`node_modules/${name}`]?.integrity ?? integrity).toBe(integrity);
	}
});

test("no CUDA package whose checksum is known is left out", () => {
	const known = Object.entries(packages)
		.filter(([path, { integrity }]) => /-cuda(-ext)?$/.test(path) && integrity !== undefined)
		.map(([path]) => path.replace("node_modules/", ""));
	expect(known).not.toEqual([]);
	expect(parts.map((part) => part.package)).toEqual(expect.arrayContaining(known));
});

test("sizes are those of packages that are worth fetching apart", () => {
	for (const { tarball_bytes, unpacked_bytes } of parts) {
		expect(tarball_bytes).toBeGreaterThan(50e6);
		expect(unpacked_bytes).toBeGreaterThan(tarball_bytes);
	}
});
