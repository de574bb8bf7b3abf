/** What is done before and after electron-builder packs for one computer: refusing an incomplete one, and completing the service. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { neededBinaries, type PackArch, type PackPlatform } from "./platforms.ts";

const packageSchema = z.object({ name: z.string(), version: z.string(), license: z.string() });

const repositoryDir = fileURLToPath(new URL("../..", import.meta.url));

/** What electron-builder tells its hooks, as far as it is looked at here. */
export interface PackContext {
	readonly electronPlatformName: string;
	/** electron-builder's own number for a processor. */
	readonly arch: number;
	readonly appOutDir: string;
	readonly packager: { getResourcesDir(appOutDir: string): string };
}

/** builder-util's `Arch`: 1 is x64, 3 is arm64. */
const archs: Readonly<Record<number, PackArch>> = { 1: "x64", 3: "arm64" };

/**
 * Throws when a binary for the computer packed for is not installed: npm leaves out packages of other processors without a word,
 * and what is missing would only be noticed by users.
 */
export function refuseIncomplete(context: PackContext): void {
	const platform = packPlatform(context.electronPlatformName);
	const arch = archs[context.arch];
	if (arch === undefined) throw new Error(`Nightshift is not packed for processor number ${context.arch}.`);
	const missing = missingBinaries(join(repositoryDir, "node_modules"), platform, arch);
	if (missing.length === 0) return;
	const command = `node build/pack/fetch-binaries.ts ${platform} ${arch}`;
	throw new Error(`Not installed for ${platform} ${arch}: ${missing.join(", ")}. To get them: ${command}`);
}

/** Names of what is not below a folder `node_modules`, but needed on such a computer. */
export function missingBinaries(modulesDir: string, platform: PackPlatform, arch: PackArch): readonly string[] {
	return neededBinaries(platform, arch).filter((path) => !existsSync(join(modulesDir, path)));
}

/**
 * Gives the service a package.json of its own beside the archive: a plain Node must be told that these are ES modules, and which
 * version they are. The archive's stays inside, because it names the shell's entry.
 */
export function completeService(context: PackContext): void {
	const { name, version, license } = packageSchema.parse(
		JSON.parse(readFileSync(join(repositoryDir, "package.json"), "utf8")),
	);
	const resourcesDir = context.packager.getResourcesDir(context.appOutDir);
	// electron-builder takes away the app that Electron shows when it has none, but not when it was given an Electron.
	rmSync(join(resourcesDir, "default_app.asar"), { force: true });
	const target = join(resourcesDir, "app.asar.unpacked", "package.json");
	writeFileSync(target, `${JSON.stringify({ name, version, license, private: true, type: "module" }, null, "\t")}\n`);
}

function packPlatform(name: string): PackPlatform {
	if (name === "darwin" || name === "linux" || name === "win32") return name;
	throw new Error(`Nightshift is not packed for ${name}.`);
}
