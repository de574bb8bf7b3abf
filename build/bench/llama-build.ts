/**
 * llama.cpp's own programs, built once from the source that node-llama-cpp carries, so that both sides of the bench run the
 * same release. Owns the cache folder, the clone and the build: git-ignored, never shipped, safe to delete at any time. Must never download anything.
 */
import { mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { err, ok, type Result } from "../../native/base/base.ts";
import { runToEnd, startLogged } from "./server-process.ts";

/** Where llama.cpp's programs are. */
export interface LlamaPrograms {
	readonly server: string;
	readonly batchedBench: string;
}

const repositoryFolder = fileURLToPath(new URL("../..", import.meta.url));
/** Here node-llama-cpp carries llama.cpp: a git bundle and the name of its release. */
const engineSourceFolder = join(repositoryFolder, "node_modules", "node-llama-cpp", "llama");

/** Folder of what the bench makes once: NIGHTSHIFT_BENCH_DIR where it is set, else `.cache/bench` in the repository. */
export function benchFolder(environment: Readonly<Record<string, string | undefined>>): string {
	return environment.NIGHTSHIFT_BENCH_DIR ?? join(repositoryFolder, ".cache", "bench");
}

const releaseFile = z.object({ release: z.string().min(1) });
/** Compilers are memory hungry and the machine is in use: two at a time, politely. */
const compileJobs = 2;
/** Everything that is not one of the two programs is left out; what would need the network too. */
const buildSettings = [
	"-DCMAKE_BUILD_TYPE=Release",
	"-DBUILD_SHARED_LIBS=OFF",
	"-DGGML_NATIVE=ON",
	"-DGGML_CCACHE=OFF",
	"-DLLAMA_CURL=OFF",
	"-DLLAMA_OPENSSL=OFF",
	"-DLLAMA_BUILD_TESTS=OFF",
	"-DLLAMA_BUILD_EXAMPLES=OFF",
	"-DLLAMA_BUILD_APP=OFF",
	"-DLLAMA_BUILD_UI=OFF",
	"-DLLAMA_USE_PREBUILT_UI=OFF",
];

/** Release of llama.cpp that node-llama-cpp carries, e.g. `b6000`. */
export async function engineRelease(): Promise<Result<string, string>> {
	const path = join(engineSourceFolder, "binariesGithubRelease.json");
	try {
		return ok(releaseFile.parse(JSON.parse(await readFile(path, "utf8"))).release);
	} catch (error) {
		return err(`${path} does not name llama.cpp's release (${String(error)}). Run npm ci.`);
	}
}

/** Folder of llama.cpp's source at the carried release, cloned first if it is not there. */
export async function ensureLlamaSource(folder: string): Promise<Result<string, string>> {
	const release = await engineRelease();
	if (!release.ok) return release;
	const source = join(folder, `llama.cpp-${release.value}`);
	if (await isThere(join(source, "CMakeLists.txt"))) return ok(source);
	if (!(await runToEnd("git", ["--version"])).ok) {
		return err("git is missing: it unpacks llama.cpp's source. Install it, on Debian or Ubuntu: apt-get install git");
	}
	const bundle = join(engineSourceFolder, "gitRelease.bundle");
	if (!(await isThere(bundle))) return err(`${bundle} is missing: node-llama-cpp's package is incomplete. Run npm ci.`);
	await mkdir(folder, { recursive: true });
	const partial = `${source}.partial`;
	await rm(partial, { recursive: true, force: true });
	const cloned = await runToEnd("git", ["clone", "--quiet", bundle, partial]);
	if (!cloned.ok) return err(`llama.cpp's source could not be unpacked: ${cloned.error}`);
	await rename(partial, source);
	return ok(source);
}

/** llama-server and llama-batched-bench, built first if they are not there. The error says what to install or where to look. */
export async function ensureLlamaPrograms(
	folder: string,
	say: (text: string) => void,
): Promise<Result<LlamaPrograms, string>> {
	const source = await ensureLlamaSource(folder);
	if (!source.ok) return source;
	const build = `${source.value}-build`;
	const programs = {
		server: join(build, "bin", "llama-server"),
		batchedBench: join(build, "bin", "llama-batched-bench"),
	};
	if ((await isThere(programs.server)) && (await isThere(programs.batchedBench))) return ok(programs);
	const missing = await missingTools();
	if (missing !== null) return err(missing);
	say("Building llama-server and llama-batched-bench once; on two cores this takes about 15 minutes.");
	const log = `${build}.log`;
	const configure = ["-S", source.value, "-B", build, ...buildSettings];
	const targets = ["--build", build, "--target", "llama-server", "llama-batched-bench", "-j", String(compileJobs)];
	for (const args of [configure, targets]) {
		const code = await startLogged("nice", ["-n", "10", "cmake", ...args], log).ended;
		if (code !== 0) return err(`llama.cpp could not be built; ${log} says why.`);
	}
	return ok(programs);
}

/** A sentence naming what is needed to build and is not there; null: all is. */
async function missingTools(): Promise<string | null> {
	const tools = [
		["cmake", ["cmake"]],
		["a C++ compiler", ["c++", "g++", "clang++"]],
		["make or ninja", ["make", "ninja"]],
	] as const;
	const missing: string[] = [];
	for (const [name, programs] of tools) {
		const found = await Promise.all(programs.map((program) => runToEnd(program, ["--version"])));
		if (!found.some((outcome) => outcome.ok)) missing.push(name);
	}
	if (missing.length === 0) return null;
	return (
		`To measure llama.cpp's own server, ${missing.join(" and ")} must be installed; ` +
		"on Debian or Ubuntu: apt-get install cmake g++ make"
	);
}

async function isThere(path: string): Promise<boolean> {
	return stat(path).then(
		() => true,
		() => false,
	);
}
