/**
 * Entry of a process that tries one backend of llama.cpp, named by its first argument, with the GPU packs of its second, and tells what
 * came of it. A process of
 * its own, because a driver in a bad state takes down or holds up whoever loads it. Must never load a model.
 */
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";
import { bindPackModules } from "./pack-modules.ts";
import { type BackendKind, backendKinds, type ProbeAnswer, readModules } from "./probe-answer.ts";

/** Lines of llama.cpp's complaints that are told: the first is the cause, those after it what followed. */
const COMPLAINT_LINES = 3;

/** What the driver of a GPU installs, by platform; a backend without an entry needs nothing of the kind. */
const DRIVERS: { readonly [B in BackendKind]?: { readonly [platform: string]: string } } = {
	cuda: { linux: "libcuda.so.1", win32: "nvcuda.dll" },
	vulkan: { linux: "libvulkan.so.1", win32: "vulkan-1.dll" },
};

/** node-llama-cpp's own words for platforms, in the names of its packages. */
const PLATFORMS: { readonly [platform: string]: string } = { linux: "linux", darwin: "mac", win32: "win" };

async function probe(backend: BackendKind): Promise<ProbeAnswer> {
	const complaints: string[] = [];
	try {
		const llama = await getLlama({
			gpu: backend === "cpu" ? false : backend,
			build: "never",
			progressLogs: false,
			logLevel: LlamaLogLevel.warn,
			logger: (_level, message) => complaints.push(message.trim()),
		});
		// Asked for one that the platform does not know, it comes with another.
		if ((llama.gpu === false ? "cpu" : llama.gpu) === backend) {
			const devices = backend === "cpu" ? cpus().flatMap(({ model }) => model.trim()) : await llama.getGpuDeviceNames();
			return { kind: "loads", devices: [...new Set(devices)], release: llama.llamaCppRelease.release };
		}
	} catch (error) {
		complaints.push(error instanceof Error ? error.message : String(error));
	}
	return (await findReason(backend)) ?? { kind: "fails", message: complaints.slice(0, COMPLAINT_LINES).join("; ") };
}

/** node-llama-cpp says only that there is no binary, whatever the reason is. Null: there is none to be seen. */
async function findReason(backend: BackendKind): Promise<ProbeAnswer | null> {
	const found = findPackage(backend);
	if (found.folder === null) return { kind: "no-binary", packageName: found.name };
	const driver = DRIVERS[backend]?.[process.platform];
	const missing = driver === undefined ? null : whyNotOpened(driver);
	if (missing !== null) return { kind: "no-driver", message: missing };
	for (const path of await findLibraries(found.folder, backend)) {
		const message = whyNotOpened(path);
		if (message !== null) return { kind: "fails", message };
	}
	return null;
}

function findPackage(backend: BackendKind): { readonly name: string | null; readonly folder: string | null } {
	const require = createRequire(import.meta.resolve("node-llama-cpp"));
	const platform = PLATFORMS[process.platform] ?? process.platform;
	const suffix = backend === "cpu" ? "" : `-${backend}`;
	const name = `@node-llama-cpp/${platform}-${process.arch}${suffix}`;
	const offered: unknown = require("../package.json").optionalDependencies;
	const exists = typeof offered === "object" && offered !== null && name in offered;
	const pack = packs.find((module) => module.name === name);
	if (pack !== undefined) return { name, folder: join(pack.folder, "bins") };
	try {
		return { name: exists ? name : null, folder: join(dirname(require.resolve(name)), "..", "bins") };
	} catch {
		// Not installed, which is an answer.
		return { name: exists ? name : null, folder: null };
	}
}

/** Files of the backend itself, such as `libggml-cuda.so`; llama.cpp passes over one that can't be opened without a word. */
async function findLibraries(folder: string, backend: BackendKind): Promise<readonly string[]> {
	const files = await readdir(folder, { recursive: true, withFileTypes: true });
	const wanted = new RegExp(`^(lib)?ggml-${backend}\\.(so|dll|dylib)$`);
	return files.filter(({ name }) => wanted.test(name)).map(({ parentPath, name }) => join(parentPath, name));
}

/** Null: the system opens it. That Node then finds none of its own functions in it is as it should be. */
function whyNotOpened(library: string): string | null {
	try {
		process.dlopen({ exports: {} }, library);
		return null;
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		return message.includes("did not self-register") ? null : message;
	}
}

process.on("disconnect", () => process.exit(0));
const packs = readModules(process.argv[3]);
bindPackModules(packs);
const backend = backendKinds.find((kind) => kind === process.argv[2]);
if (backend === undefined) throw new Error(`No backend of that name: ${process.argv[2] ?? "none was given"}`);
process.send?.(await probe(backend));
