/**
 * Fetches the packages with binaries of another computer than this one, which npm leaves out: `node build/pack/fetch-binaries.ts win32
 * arm64`. One machine packs for both processors of its system, for the updates' index names both. Only what the lockfile names, and only
 * if its digest is the lockfile's.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { missingBinaries } from "./hooks.ts";
import type { PackArch, PackPlatform } from "./platforms.ts";

const lockSchema = z.object({
	packages: z.record(z.string(), z.object({ version: z.string().optional(), integrity: z.string().optional() })),
});
const repositoryDir = fileURLToPath(new URL("../..", import.meta.url));
const modulesDir = join(repositoryDir, "node_modules");

const platforms: readonly string[] = ["darwin", "linux", "win32"] satisfies PackPlatform[];
const archs: readonly string[] = ["arm64", "x64"] satisfies PackArch[];
const isPlatform = (text: string | undefined): text is PackPlatform => text !== undefined && platforms.includes(text);
const isArch = (text: string | undefined): text is PackArch => text !== undefined && archs.includes(text);

const [platform, arch] = process.argv.slice(2);
if (isPlatform(platform) && isArch(arch)) {
	try {
		for (const name of missingBinaries(modulesDir, platform, arch)) fetchPackage(name);
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
} else {
	console.error(`Usage: node build/pack/fetch-binaries.ts ${platforms.join("|")} ${archs.join("|")}`);
	process.exitCode = 1;
}

function fetchPackage(name: string): void {
	const { packages } = lockSchema.parse(JSON.parse(readFileSync(join(repositoryDir, "package-lock.json"), "utf8")));
	const { version, integrity } = packages[`node_modules/${name}`] ?? {};
	if (version === undefined || integrity === undefined) throw new Error(`The lockfile has no digest of ${name}.`);
	// Beside its place, so that a whole package is only renamed.
	mkdirSync(modulesDir, { recursive: true });
	const folder = mkdtempSync(join(modulesDir, ".fetch-"));
	try {
		run("npm", ["pack", `${name}@${version}`, "--pack-destination", folder, "--silent"]);
		const archive = readdirSync(folder).find((file) => file.endsWith(".tgz"));
		if (archive === undefined) throw new Error(`npm brought no archive of ${name}.`);
		const digest = createHash("sha512")
			.update(readFileSync(join(folder, archive)))
			.digest("base64");
		if (`sha512-${digest}` !== integrity) throw new Error(`${name}@${version} is not what the lockfile says it is.`);
		// Names instead of paths: Windows' tar takes what is before a colon for a host.
		run("tar", ["-xzf", archive], folder);
		const target = join(modulesDir, name);
		mkdirSync(dirname(target), { recursive: true });
		renameSync(join(folder, "package"), target);
		console.log(`${name}@${version}`);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function run(command: string, args: readonly string[], cwd = repositoryDir): void {
	// npm is a script on Windows. No argument here has a space or comes from outside but the folder, which is quoted.
	const isScript = process.platform === "win32" && command === "npm";
	const { status, error } = spawnSync(command, isScript ? args.map((arg) => `"${arg}"`) : args, {
		cwd,
		stdio: ["ignore", "ignore", "inherit"],
		shell: isScript,
	});
	if (status !== 0) throw new Error(`${command} ${args[0]} failed${error ? `: ${error.message}` : ""}.`);
}
