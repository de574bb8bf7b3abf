import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extractAll, extractFile } from "@electron/asar";
import { getCurrentFuseWire } from "@electron/fuses";
import { FuseState } from "@electron/fuses/dist/constants.js";
import { Arch, build, Platform } from "electron-builder";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { compileApp, runApp } from "../../electron/testing/run-app.ts";
import { configuration } from "../electron-builder.ts";
import { shellModules } from "./files.ts";
import { type ArchiveFile, archiveFiles, type Packed, packForLinux, repositoryDir, sizeBytes } from "./packed.ts";

/**
 * What everything but Electron's own executable may weigh. It is 125 MB on 2026-11-21, of which 101 MB are llama.cpp's, once for the
 * processor and once for Vulkan; CUDA's packages, npm's usual way to slip in, are 540 MB.
 */
const MOST_RESOURCES_BYTES = 140_000_000;
/** Lines of the demo batch: enough for several lanes, few enough for a busy machine. */
const DEMO_LINES = 12;

const folder = mkdtempSync(join(tmpdir(), "nightshift-pack-"));
let packed: Packed;
let files: readonly ArchiveFile[];
const paths = (): readonly string[] => files.map(({ path }) => path);
const matching = (pattern: RegExp): readonly string[] => paths().filter((path) => pattern.test(path));

beforeAll(async () => {
	packed = await packForLinux(folder);
	files = archiveFiles(join(packed.resourcesDir, "app.asar"));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a package for Linux", () => {
	test("is made without fetching anything", () => {
		expect(packed.log).not.toMatch(/download/i);
	});

	test("has in its archive what it needs, and of the repository nothing else", () => {
		const tops = new Set(paths().map((path) => path.split("/").slice(0, 2).join("/")));
		const own = [...tops].filter((top) => !top.startsWith("node_modules/"));
		expect(own.sort()).toEqual([
			"LICENSE",
			"assets/catalogue",
			"assets/demo-model",
			"assets/examples",
			"assets/gpu-packs",
			"assets/icon",
			"assets/prices",
			"assets/tray",
			"dist/electron",
			"dist/native",
			"dist/renderer",
			"electron/windows",
			"package.json",
		]);
		expect(readdirSync(packed.appDir).sort()).toEqual([
			"LICENSE.electron.txt",
			"LICENSES.chromium.html",
			"locales",
			"nightshift-desktop",
			"resources",
			"version",
		]);
		expect(readdirSync(packed.resourcesDir).sort()).toEqual(["app.asar", "app.asar.unpacked", "bin"]);
		expect(readdirSync(join(packed.appDir, "locales")).sort()).toEqual(["en-GB.pak", "en-US.pak"]);
	});

	test("has no tests, maps, types or sources", () => {
		expect(matching(/\.(test|contract)\.|\.map$|\.d\.[cm]?ts$|\.[cm]?tsx?$|\.tsbuildinfo$/)).toEqual([]);
		// hono's helper of that name is part of what it exports.
		const folders = matching(/(^|\/)(tests?|__tests__|testing)\//);
		expect(folders.filter((path) => !path.startsWith("node_modules/hono/dist/helper/"))).toEqual([]);
		expect(matching(/^dist\/.*testing\.js$/)).toEqual([]);
		expect(matching(/\.(c|cc|cpp|h|hpp|gyp|gypi|bundle)$/)).toEqual([]);
	});

	test("has every dependency and no development dependency", () => {
		const lists = z.object({
			dependencies: z.record(z.string(), z.string()),
			devDependencies: z.record(z.string(), z.string()),
		});
		const { dependencies, devDependencies } = lists.parse(
			JSON.parse(readFileSync(join(repositoryDir, "package.json"), "utf8")),
		);
		const shipped = (name: string): boolean => paths().includes(`node_modules/${name}/package.json`);
		expect(Object.keys(dependencies).filter((name) => !shipped(name))).toEqual([]);
		expect(Object.keys(devDependencies).filter(shipped)).toEqual([]);
	});

	test("has the licences of what is inside its page", () => {
		const licences = readFileSync(join(packed.unpackedDir, "dist", "renderer", "licences.md"), "utf8");
		for (const name of ["react", "zustand", "uplot", "lucide-react"]) expect(licences).toMatch(`## ${name} - `);
	});

	test("has the binaries of this system, with and without Vulkan, and no others", () => {
		const binaries = matching(/\.(node|so|dll|dylib|exe|metal)$/).map((path) => path.replace("node_modules/", ""));
		const owners = new Set(
			binaries.map((path) => (path.startsWith("@") ? path.split("/").slice(0, 2).join("/") : path)),
		);
		expect([...owners].sort()).toEqual([
			"@koromix/koffi-linux-x64",
			"@node-llama-cpp/linux-x64",
			"@node-llama-cpp/linux-x64-vulkan",
			"better-sqlite3/prebuilds/linux-x64.node",
		]);
		expect(matching(/cuda|musl|arm64|darwin|win32/i).filter((path) => !path.endsWith(".js"))).toEqual([]);
	});

	test("weighs no more than its parts do", () => {
		expect(sizeBytes(packed.resourcesDir)).toBeLessThan(MOST_RESOURCES_BYTES);
		// Electron reads it whole at each start.
		expect(sizeBytes(join(packed.resourcesDir, "app.asar"))).toBeLessThan(4_000_000);
	});

	test("keeps the shell and its updater inside the archive, and the rest beside it for other Nodes", () => {
		const inside = files.filter(({ isUnpacked }) => !isUnpacked).map(({ path }) => path);
		const isShell = (path: string): boolean =>
			path.startsWith("dist/electron/") ||
			path.startsWith("electron/windows/down/") ||
			shellModules.some((name) => path.startsWith(`node_modules/${name}/`));
		expect(inside.filter((path) => !isShell(path)).sort()).toEqual(["LICENSE", "package.json"]);
		expect(inside).toContain("node_modules/electron-updater/out/main.js");
		const absent = files.filter(({ isUnpacked, path }) => isUnpacked && !existsSync(join(packed.unpackedDir, path)));
		expect(absent).toEqual([]);
	});

	test("starts the shell and knows its window", () => {
		const metadata = JSON.parse(extractFile(join(packed.resourcesDir, "app.asar"), "package.json").toString("utf8"));
		expect(metadata).toMatchObject({
			main: "dist/electron/main.js",
			desktopName: "nightshift.desktop",
			type: "module",
		});
		expect(metadata).not.toHaveProperty("devDependencies");
		expect(paths()).toContain("dist/electron/main.js");
	});

	test("has its fuses set: it runs as Node for the service, and everything else that can be closed is", async () => {
		const { version: _version, ...wire } = await getCurrentFuseWire(join(packed.appDir, "nightshift-desktop"));
		const on = Object.entries(wire).filter(([, state]) => Number(state) === Number(FuseState.ENABLE));
		// By number: runAsNode, asar integrity, only from an archive.
		expect(on.map(([fuse]) => fuse)).toEqual(["0", "4", "5"]);
		expect(Object.keys(wire)).toHaveLength(8);
	});
});

describe("the shell in a package", () => {
	test("comes up with its service and its page, and does a batch, out of the archive alone", async () => {
		// Only Electron reads archives; the fake that takes its place is the repository's.
		compileApp();
		const programDir = join(folder, "archive");
		extractAll(join(packed.resourcesDir, "app.asar"), programDir);
		const app = runApp({ programDir, argv: ["--smoke"] });
		await app.act({ kind: "become-ready" });
		expect(await app.ended, app.output()).toBe(0);
		expect(app.output()).toContain("20 lines are answered");
		await app.remove();
	}, 180_000);
});

describe("a deb of it", () => {
	let args: readonly string[];
	/** What fpm is told to put at a place. */
	const sourceOf = (place: string): string => {
		const found = args.find((arg) => arg.endsWith(`=${place}`))?.split("=")[0];
		if (found === undefined) throw new Error(`Nothing is put at ${place}`);
		return found;
	};
	let desktopEntry: string;
	let mimeTypes: string;

	beforeAll(async () => {
		await build({
			targets: Platform.LINUX.createTarget("deb", Arch.x64),
			config: configuration({ NIGHTSHIFT_REPOSITORY: "example/nightshift" }),
			projectDir: repositoryDir,
			prepackaged: packed.appDir,
			publish: "never",
			// Hears what fpm would be told; fpm itself would have to be fetched.
			effectiveOptionComputed: async (told) => {
				args = z.tuple([z.array(z.string()), z.string()]).parse(told)[0];
				desktopEntry = readFileSync(sourceOf("/usr/share/applications/nightshift.desktop"), "utf8");
				mimeTypes = readFileSync(sourceOf("/usr/share/mime/packages/nightshift-desktop.xml"), "utf8");
				return true;
			},
		});
	});

	test("is found in menus under the name its windows have, and opens batch files and links", () => {
		const entry = Object.fromEntries(desktopEntry.split("\n").map((line) => line.split(/=(.*)/).slice(0, 2)));
		expect(entry).toMatchObject({
			Name: "Nightshift",
			Exec: "/opt/Nightshift/nightshift-desktop %U",
			Icon: "nightshift-desktop",
			StartupWMClass: "nightshift",
			MimeType: "application/jsonl;x-scheme-handler/nightshift;",
			Categories: "Utility;",
		});
	});

	test("tells the system what a batch file is", () => {
		expect(mimeTypes).toMatch(/<mime-type type="application\/jsonl">\s*<glob pattern="\*\.jsonl"\/>/);
	});

	test("has an icon in every size, and a command for the terminal", () => {
		for (const size of [16, 24, 32, 48, 64, 128, 256, 512]) {
			const icon = sourceOf(`/usr/share/icons/hicolor/${size}x${size}/apps/nightshift-desktop.png`);
			expect(existsSync(icon), icon).toBe(true);
		}
		const command = readFileSync(join(repositoryDir, sourceOf("/usr/bin/nightshift")), "utf8");
		expect(command).toMatch("exec /opt/Nightshift/resources/bin/nightshift");
	});

	test("knows where its updates are, and that it is a deb", () => {
		const updates = readFileSync(join(packed.resourcesDir, "app-update.yml"), "utf8");
		expect(updates).toMatch(/owner: example\nrepo: nightshift\nprovider: github/);
		expect(readFileSync(join(packed.resourcesDir, "package-type"), "utf8")).toBe("deb");
	});
});

describe("the service in a package", () => {
	test("does the demo batch under a plain Node, started by the packed command", () => {
		const tickets = readFileSync(join(packed.unpackedDir, "assets", "examples", "tickets.jsonl"), "utf8");
		const input = tickets.split("\n").slice(0, DEMO_LINES);
		const inputPath = join(folder, "tickets.jsonl");
		const outputPath = join(folder, "results.jsonl");
		writeFileSync(inputPath, `${input.join("\n")}\n`);
		const launcher = join(packed.resourcesDir, "bin", "nightshift");
		const { status, stderr } = spawnSync(launcher, ["run", inputPath, "--output", outputPath], {
			encoding: "utf8",
			env: { PATH: "/usr/bin:/bin", HOME: folder, NIGHTSHIFT_HOME: join(folder, "home") },
		});
		expect(stderr).toMatch(`${DEMO_LINES} of ${DEMO_LINES} lines answered`);
		expect(status).toBe(0);
		const customId = z.object({ custom_id: z.string() });
		const result = customId.extend({
			response: z.object({
				status_code: z.literal(200),
				body: z.object({ choices: z.tuple([z.object({ message: z.object({ content: z.string().min(3) }) })]) }),
			}),
		});
		const results = readFileSync(outputPath, "utf8").trimEnd().split("\n");
		expect(results.map((line) => result.parse(JSON.parse(line)).custom_id)).toEqual(
			input.map((line) => customId.parse(JSON.parse(line)).custom_id),
		);
	});

	test("serves its page, and ends when asked", async () => {
		const dataDir = join(folder, "served");
		const service = spawn(join(packed.resourcesDir, "bin", "nightshift"), ["serve", "--port", "0"], {
			stdio: ["ignore", "pipe", "inherit"],
			env: { PATH: "/usr/bin:/bin", HOME: folder, NIGHTSHIFT_HOME: dataDir },
		});
		const ended = once(service, "exit");
		let output = "";
		service.stdout.setEncoding("utf8").on("data", (text: string) => {
			output += text;
		});
		await expect.poll(() => output).toMatch(/http:\S+\/v1/);
		const url = /(http:\S+)\/v1/.exec(output)?.[1] ?? "";
		const page = await fetch(url);
		expect(page.status).toBe(200);
		expect(await page.text()).toMatch("<title>Nightshift");
		service.kill("SIGTERM");
		expect(await ended).toEqual([0, null]);
	});

	test("says its version and that it is made of ES modules", () => {
		const { status, stdout, stderr } = spawnSync(
			join(packed.appDir, "nightshift-desktop"),
			[join(packed.unpackedDir, "dist", "native", "cli", "main.js"), "--version"],
			{ encoding: "utf8", env: { PATH: "/usr/bin:/bin", HOME: folder } },
		);
		expect({ status, stdout: stdout.trim(), stderr }).toEqual({ status: 0, stdout: "0.1.0", stderr: "" });
	});

	test("can be run by everybody and changed by its owner only", () => {
		const mode = (path: string): number => statSync(path).mode & 0o777;
		expect(mode(join(packed.resourcesDir, "bin", "nightshift"))).toBe(0o755);
		expect(mode(join(packed.appDir, "nightshift-desktop"))).toBe(0o755);
	});
});
