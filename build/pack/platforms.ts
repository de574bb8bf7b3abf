/** What differs between the systems and processors Nightshift is packed for: names of binaries, and which of them must be there. */

/** A system, as Node and Electron name it. */
export type PackPlatform = "darwin" | "linux" | "win32";
/** A processor, as Node and Electron name it. */
export type PackArch = "arm64" | "x64";

/** node-llama-cpp's names for systems. */
const llamaSystems = { darwin: "mac", linux: "linux", win32: "win" } as const;

/**
 * Packages of node-llama-cpp that go into the package: the processor's and the graphics card's, never CUDA's, which are 314 MB
 * packed on Windows (reference: node-llama-cpp 3.22.1's own packages; there is no Vulkan build for arm64).
 */
export function llamaPackages(platform: PackPlatform, arch: PackArch): readonly string[] {
	const base = `@node-llama-cpp/${llamaSystems[platform]}-${arch}`;
	if (platform === "darwin") return [arch === "arm64" ? `${base}-metal` : base];
	return arch === "x64" ? [base, `${base}-vulkan`] : [base];
}

/** The package that has koffi's binary. */
export function koffiPackage(platform: PackPlatform, arch: PackArch): string {
	return `@koromix/koffi-${platform}-${arch}`;
}

/** Where better-sqlite3's binary lies, below `node_modules`. */
export function sqlitePrebuild(platform: PackPlatform, arch: PackArch): string {
	return `better-sqlite3/prebuilds/${platform}-${arch}.node`;
}

/** Everything below `node_modules` without which a package for that computer would start and then fail. */
export function neededBinaries(platform: PackPlatform, arch: PackArch): readonly string[] {
	return [...llamaPackages(platform, arch), koffiPackage(platform, arch), sqlitePrebuild(platform, arch)];
}
