import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FileMatcher } from "app-builder-lib/out/fileMatcher.js";
import { validateConfiguration } from "app-builder-lib/out/util/config/config.js";
import { DebugLogger } from "builder-util";
import type { Configuration } from "electron-builder";
import { describe, expect, test } from "vitest";
import { configuration, fuses, parseRepository } from "../electron-builder.ts";
import { missingBinaries, refuseIncomplete } from "./hooks.ts";
import { repositoryDir } from "./packed.ts";
import { neededBinaries, type PackArch, type PackPlatform } from "./platforms.ts";

const plain = configuration({});
const signed = configuration({
	NIGHTSHIFT_REPOSITORY: "example/nightshift",
	CSC_LINK: "certificate.p12",
	APPLE_API_KEY: "key.p8",
	AZURE_SIGN_ENDPOINT: "https://weu.codesigning.azure.net",
	AZURE_SIGN_ACCOUNT: "account",
	AZURE_SIGN_PROFILE: "profile",
	AZURE_SIGN_PUBLISHER: "CN=Nightshift",
});

test.each([
	["without any secret", plain],
	["with everything signed and published", signed],
])("electron-builder accepts the configuration %s", async (_name, config) => {
	await expect(validateConfiguration({ ...config }, new DebugLogger(false))).resolves.toBeUndefined();
});

/** What an OS is built as, e.g. `nsis x64 arm64`. */
function targets(options: { readonly target?: unknown } | null | undefined): readonly unknown[] {
	return [options?.target].flat();
}

describe("installers", () => {
	test("are made in every form that people ask for, for the processors that the command line names", () => {
		expect(targets(plain.mac)).toEqual(["dmg", "zip"]);
		expect(targets(plain.win)).toEqual(["nsis"]);
		expect(targets(plain.linux)).toEqual(["AppImage", "deb", "rpm"]);
	});

	test("have names that tell system and processor, by which an update finds its file", () => {
		for (const part of ["os", "arch", "version"]) expect(plain.artifactName).toContain(`\${${part}}`);
	});

	test("are drafts of the repository that the environment names, and published nowhere without one", () => {
		expect(plain.publish).toBeNull();
		expect(signed.publish).toEqual({ provider: "github", owner: "example", repo: "nightshift", releaseType: "draft" });
		expect(signed.extraMetadata).toEqual({ homepage: "https://github.com/example/nightshift" });
		expect(parseRepository("")).toBeNull();
		expect(() => parseRepository("not a repository")).toThrow(/owner\/name/);
	});

	test("have every file that the configuration names", () => {
		const { mac, win, linux, nsis, deb } = signed;
		const named = [
			mac?.icon,
			mac?.entitlements,
			mac?.entitlementsInherit,
			plain.mac?.entitlements,
			win?.icon,
			linux?.icon,
		];
		const launcher = deb?.fpm?.[0]?.split("=")[0];
		for (const path of [...named, nsis?.include, launcher, "build/resources/bin/nightshift.cmd"]) {
			expect(path).toBeTypeOf("string");
			expect(existsSync(join(repositoryDir, path ?? "")), path ?? "").toBe(true);
		}
	});

	test("close every fuse but the three that are needed open", () => {
		expect(Object.entries(fuses).filter(([, isOn]) => isOn)).toEqual([
			["runAsNode", true],
			["enableEmbeddedAsarIntegrityValidation", true],
			["onlyLoadAppFromAsar", true],
		]);
	});
});

/** Names of the keys in a property list's only dictionary. */
function plistKeys(path: string | null | undefined): readonly string[] {
	const text = readFileSync(join(repositoryDir, path ?? ""), "utf8");
	return [...text.matchAll(/<key>([^<]+)<\/key>\s*(?:<!--[^>]*-->\s*)*<true\/>/g)].map(([, key]) => key ?? "");
}

describe("on macOS", () => {
	test("it lives in the menu bar, and asks for the local network in words and by name", () => {
		expect(plain.mac?.extendInfo).toMatchObject({
			LSUIElement: true,
			NSLocalNetworkUsageDescription: expect.stringMatching(/other machines/),
			NSBonjourServices: ["_nightshift._tcp"],
			NSUserNotificationAlertStyle: "alert",
		});
		expect(plain.mac?.minimumSystemVersion).toBe("13.0");
	});

	test("a certificate signs and notarises with nothing allowed but compiling; without one the signature is nobody's", () => {
		expect(signed.mac).toMatchObject({ hardenedRuntime: true, notarize: true });
		expect(signed.mac).not.toHaveProperty("identity");
		expect(plistKeys(signed.mac?.entitlements)).toEqual(["com.apple.security.cs.allow-jit"]);
		expect(plistKeys(signed.mac?.entitlementsInherit)).toEqual(["com.apple.security.cs.allow-jit"]);
		expect(plain.mac).toMatchObject({ identity: "-", notarize: false });
		expect(plistKeys(plain.mac?.entitlements)).toEqual([
			"com.apple.security.cs.allow-jit",
			"com.apple.security.cs.disable-library-validation",
		]);
	});
});

describe("files and links", () => {
	test("batch files are offered to it everywhere, and taken from nobody", () => {
		expect(plain.mac?.fileAssociations).toEqual([expect.objectContaining({ ext: "jsonl", rank: "Alternate" })]);
		expect(plain.linux?.fileAssociations).toEqual([expect.objectContaining({ mimeType: "application/jsonl" })]);
		const script = readFileSync(join(repositoryDir, plain.nsis?.include ?? ""), "utf8");
		expect(script).toMatch(/OpenWithProgids/);
		expect(script).not.toMatch(/WriteRegStr \S+ "Software\\Classes\\\.jsonl"/);
		expect(plain.win).not.toHaveProperty("fileAssociations");
	});

	test("Windows' installer takes away whatever it or the app wrote, but not in an update", () => {
		const script = readFileSync(join(repositoryDir, plain.nsis?.include ?? ""), "utf8");
		const [install = "", uninstall = ""] = script.split("!macro customUnInstall");
		const keys = [...install.matchAll(/WriteRegStr \S+ "(Software\\Classes\\[^"\\]+)/g)].map(([, key]) => key ?? "");
		for (const key of new Set(keys)) expect(uninstall).toContain(`"${key}`);
		expect(uninstall.indexOf("isUpdated")).toBeLessThan(uninstall.indexOf("DeleteRegKey"));
		expect(uninstall).toMatch(/FirewallRule[\s\S]*runas[\s\S]*delete rule name="Nightshift"/);
	});

	test("nightshift: links open it", () => {
		expect(plain.protocols).toEqual([{ name: "Nightshift", schemes: ["nightshift"] }]);
	});
});

/** Which files of packages go into a package, by electron-builder's own matcher. */
function shipped(config: Configuration, platform: PackPlatform, arch: PackArch, paths: readonly string[]) {
	const { files } = { darwin: config.mac, linux: config.linux, win32: config.win }[platform] ?? {};
	const patterns = [config.files, files].flat().filter((pattern) => typeof pattern === "string");
	// biome-ignore lint/suspicious/noTemplateCurlyInString: what electron-builder would fill in.
	const matcher = new FileMatcher("/app", "/out", (text) => text.replaceAll("${arch}", arch), [
		"**/*",
		...patterns.filter((pattern) => pattern.startsWith("!")),
	]);
	const isShipped = matcher.createFilter();
	return paths.filter((path) => isShipped(join("/app", path), fileStat));
}
/** The matcher only asks whether it is a folder. */
const fileStat = Object.assign(Object.create(null), { isDirectory: () => false });

const systems: readonly (readonly [PackPlatform, PackArch])[] = [
	["darwin", "x64"],
	["darwin", "arm64"],
	["linux", "x64"],
	["linux", "arm64"],
	["win32", "x64"],
	["win32", "arm64"],
];
/** All there is of node-llama-cpp 3.22's packages. */
const llama = [
	...["linux-arm64", "linux-armv7l", "linux-riscv64", "linux-x64", "linux-x64-cuda", "linux-x64-cuda-ext"],
	...["linux-x64-vulkan", "mac-arm64-metal", "mac-x64", "win-arm64", "win-x64", "win-x64-cuda", "win-x64-cuda-ext"],
	"win-x64-vulkan",
].map((name) => `node_modules/@node-llama-cpp/${name}/bins/${name}/llama-addon.node`);

describe.each(systems)("for %s on %s", (platform, arch) => {
	const binaries = [
		...llama,
		...systems.map(([system, processor]) => `node_modules/@koromix/koffi-${system}-${processor}/koffi.node`),
		...systems.map(([system, processor]) => `node_modules/better-sqlite3/prebuilds/${system}-${processor}.node`),
		`node_modules/better-sqlite3/prebuilds/linuxmusl-${arch}.node`,
	];

	test("its own binaries go in, and no other's, and never CUDA's", () => {
		const files = shipped(plain, platform, arch, binaries);
		const needed = neededBinaries(platform, arch);
		expect(files).toHaveLength(needed.length);
		for (const name of needed)
			expect(
				files.some((path) => path.startsWith(`node_modules/${name}`)),
				name,
			).toBe(true);
	});

	test("what only Linux is asked through goes in on Linux only", () => {
		const paths = ["node_modules/x11/lib/index.js", "node_modules/@jellybrick/dbus-next/index.js"];
		expect(shipped(plain, platform, arch, paths)).toEqual(platform === "linux" ? paths : []);
	});

	test("a package without them is refused, with the command that gets them", () => {
		expect(missingBinaries("/nowhere", platform, arch)).toEqual(neededBinaries(platform, arch));
		const hasAll = missingBinaries(join(repositoryDir, "node_modules"), platform, arch).length === 0;
		const packager = { getResourcesDir: () => "" };
		const context = { electronPlatformName: platform, arch: arch === "x64" ? 1 : 3, appOutDir: "", packager };
		if (hasAll) expect(() => refuseIncomplete(context)).not.toThrow();
		else expect(() => refuseIncomplete(context)).toThrow(`fetch-binaries.ts ${platform} ${arch}`);
	});
});

test("fetching binaries fetches none that are there, and says what it can be asked", () => {
	const fetch = (...args: readonly string[]) =>
		spawnSync(process.execPath, [join(repositoryDir, "build/pack/fetch-binaries.ts"), ...args], { encoding: "utf8" });
	expect(fetch(process.platform, process.arch)).toMatchObject({ status: 0, stdout: "", stderr: "" });
	expect(fetch("win32", "sparc")).toMatchObject({ status: 1, stderr: expect.stringContaining("Usage") });
});

test("it is not packed for anything else", () => {
	const packager = { getResourcesDir: () => "" };
	for (const [electronPlatformName, arch] of [
		["mas", 1],
		["linux", 2],
	] as const) {
		expect(() => refuseIncomplete({ electronPlatformName, arch, appOutDir: "", packager })).toThrow(/not packed for/);
	}
});
