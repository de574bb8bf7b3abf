/**
 * Writes assets/gpu-packs/packs.json: which CUDA packages belong to the node-llama-cpp in use, their checksums and sizes. To be run
 * after each bump of node-llama-cpp, with the public registry; `gpu-packs.test.ts` fails until it was. Checksums come from the lockfile,
 * or, for platforms this lockfile was not made with, from the registry. With `--all` a package that can't be had is an error.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type PackList, type PackPart, packListSchema } from "../native/engine/packs/pack-list.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const listPath = join(root, "assets", "gpu-packs", "packs.json");
/** Packages of node-llama-cpp that only a CUDA machine has use for. */
const CUDA_PACKAGE = /^@node-llama-cpp\/(linux|win)-(x64|arm64)-(cuda(?:-ext)?)$/;

const manifestSchema = z.object({ version: z.string(), optionalDependencies: z.record(z.string(), z.string()) });
const lockSchema = z.object({ packages: z.record(z.string(), z.object({ integrity: z.string().optional() })) });
const distSchema = z.object({
	integrity: z.string(),
	tarball: z.url(),
	unpackedSize: z.int().optional(),
});

const manifest = manifestSchema.parse(readJson("node_modules/node-llama-cpp/package.json"));
const lock = lockSchema.parse(readJson("package-lock.json"));

/** What cannot be had is left out, and said. */
async function describePart(name: string): Promise<PackPart | null> {
	const dist = askRegistry(`${name}@${manifest.version}`);
	if (dist === null) return null;
	const locked = lock.packages[`node_modules/${name}`]?.integrity;
	if (locked !== undefined && locked !== dist.integrity) throw new Error(`${name}: lockfile and registry disagree`);
	const head = await fetch(dist.tarball, { method: "HEAD", headers: { "accept-encoding": "identity" } });
	const tarballBytes = Number(head.headers.get("content-length"));
	const unpackedBytes = dist.unpackedSize ?? installedBytes(join(root, "node_modules", name));
	return { package: name, integrity: dist.integrity, tarball_bytes: tarballBytes, unpacked_bytes: unpackedBytes };
}

function askRegistry(spec: string): z.infer<typeof distSchema> | null {
	try {
		const told = execFileSync("npm", ["view", spec, "dist", "--json"], {
			encoding: "utf8",
			stdio: ["ignore", "pipe", "ignore"],
		});
		return distSchema.parse(JSON.parse(told));
	} catch (error) {
		// npm ends with a failure where there is no such version.
		if (error instanceof Error && "status" in error) return null;
		throw error;
	}
}

/** Not every registry tells the unpacked size. */
function installedBytes(folder: string): number {
	if (!existsSync(folder)) return 0;
	const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

function readJson(path: string): unknown {
	return JSON.parse(readFileSync(join(root, path), "utf8"));
}

const packs = new Map<string, { platform: "linux" | "win32"; arch: "x64" | "arm64"; parts: PackPart[] }>();
const missing: string[] = [];
for (const name of Object.keys(manifest.optionalDependencies).sort()) {
	const [, system, arch] = CUDA_PACKAGE.exec(name) ?? [];
	if (system === undefined) continue;
	const part = await describePart(name);
	if (part === null) {
		missing.push(name);
		continue;
	}
	const key = `${system}-${arch}`;
	const platform = system === "win" ? "win32" : "linux";
	const pack = packs.get(key) ?? { platform, arch: arch === "arm64" ? "arm64" : "x64", parts: [] };
	packs.set(key, { ...pack, parts: [...pack.parts, part] });
}
const list: PackList = packListSchema.parse({
	version: manifest.version,
	packs: [...packs.values()].map((pack) => ({ name: "cuda", ...pack })),
});
mkdirSync(dirname(listPath), { recursive: true });
writeFileSync(listPath, `${JSON.stringify(list, null, "\t")}\n`);
process.stdout.write(`${list.packs.length} packs for node-llama-cpp ${list.version}\n`);
for (const name of missing) process.stderr.write(`${name} ${manifest.version} is not in this registry and left out\n`);
if (missing.length > 0 && process.argv.includes("--all")) process.exitCode = 1;
