import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "../../base/base.ts";
import { type GpuPackState, gpuPackListSchema } from "../../contract/contract.ts";
import type { TestHub } from "../../models/downloads/testing.ts";
import { type Pack, packsFor, readPackList } from "./pack-list.ts";
import type { GpuPacks, GpuPacksDeps } from "./packs.ts";
import { registryAddress } from "./registry.ts";
import {
	createTestPacks,
	EXTENSION,
	goodTarballs,
	integrityOf,
	MAIN,
	packageTarball,
	packOf,
	startRegistry,
	TEST_VERSION,
	tarOf,
} from "./testing.ts";
import { tarLimits } from "./unpack.ts";

let folder: string;
let registry: TestHub;
let packs: GpuPacks;
let renewed: number;
const stops: (() => Promise<void>)[] = [];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-packs-"));
	renewed = 0;
});
afterEach(async () => {
	for (const stop of stops.splice(0)) await stop();
	rmSync(folder, { recursive: true, force: true });
});

/** Packs over a registry that serves `tarballs`, made for the pack of `pack`. */
async function open(
	tarballs: Readonly<Record<string, Uint8Array>> = goodTarballs(),
	pack: Pack = packOf(tarballs),
	more: Partial<GpuPacksDeps> = {},
): Promise<void> {
	const served = await startRegistry(tarballs, pack.version);
	registry = served;
	stops.push(async () => served[Symbol.asyncDispose]());
	await reopen(pack, more);
}

async function reopen(pack: Pack, more: Partial<GpuPacksDeps> = {}): Promise<void> {
	const onChanged = () => void renewed++;
	const opened = createTestPacks(folder, registry.url, pack, { onChanged, ...more });
	packs = opened;
	stops.unshift(() => opened.stop());
	await opened.start();
}

const here = (path = "") => readdirSync(join(folder, "gpu-packs", path)).filter((name) => name !== ".downloads");
const onItsWay = () => readdirSync(join(folder, "gpu-packs", ".downloads"));

function state(): GpuPackState {
	const [pack] = gpuPackListSchema.parse(packs.describe()).data;
	if (pack === undefined) throw new Error("there is a pack");
	return pack.state;
}

async function settled(kind: GpuPackState["kind"]): Promise<GpuPackState> {
	await expect.poll(() => state().kind).toBe(kind);
	return state();
}

describe("a pack that fits", () => {
	test("is fetched, checked, unpacked, tried and lent, and models are loaded anew", async () => {
		await open();
		expect(state()).toEqual({ kind: "available" });
		expect(packs.forLoading()).toEqual({ modules: [], note: null });
		const begun = await packs.fetch("cuda");
		expect(begun).toMatchObject({ ok: true, value: { title: "CUDA for NVIDIA", state: { kind: "downloading" } } });
		await expect.poll(() => renewed).toBe(1);
		expect(state()).toEqual({ kind: "installed", works: true, words: "llama.cpp b1 computes on RTX." });
		const { modules, note } = packs.forLoading();
		expect(note).toBeNull();
		expect(modules.map(({ name }) => name)).toEqual([MAIN, EXTENSION]);
		expect(readFileSync(join(modules[0]?.folder ?? "", "package.json"), "utf8")).toContain(MAIN);
		expect(here()).toEqual([`cuda@${TEST_VERSION}`]);
		expect(onItsWay()).toEqual([]);
		expect(registry.askedFiles().map(({ path }) => path)).toEqual([
			`/${MAIN}/-/linux-x64-cuda-${TEST_VERSION}.tgz`,
			`/${EXTENSION}/-/linux-x64-cuda-ext-${TEST_VERSION}.tgz`,
		]);
	});

	test("is gone on with where the connection broke, again and again, with no name for its version", async () => {
		// A connection that breaks may take with it what was on its way.
		await open(goodTarballs(), undefined, { limits: { vainTries: 100 } });
		registry.manners.breakAfterBytes = 20_000;
		// A weak name is none.
		registry.manners.etag = 'W/"1"';
		await packs.fetch("cuda");
		await settled("installed");
		const ranges = registry.askedFiles().flatMap(({ range }) => range ?? []);
		expect(ranges.length).toBeGreaterThan(5);
	});

	test("is paused and gone on with, also after a restart; cancelled, nothing of it is left", async () => {
		const tarballs = goodTarballs();
		await open(tarballs);
		registry.manners.stallAfterBytes = 50_000;
		await packs.fetch("cuda");
		await expect.poll(state).toMatchObject({ kind: "downloading", received_bytes: 50_000 });
		expect(await packs.pause("cuda")).toMatchObject({ value: { state: { kind: "paused", received_bytes: 50_000 } } });
		await packs.stop();
		await reopen(packOf(tarballs));
		expect(state()).toEqual({ kind: "paused", received_bytes: 50_000 });
		await packs.cancel("cuda");
		expect(state()).toEqual({ kind: "available" });
		expect(onItsWay()).toEqual([]);
		registry.manners.stallAfterBytes = null;
		await packs.fetch("cuda");
		await settled("installed");
	});

	test("is fetched once, however many ask for it", async () => {
		await open();
		const asked = await Promise.all([packs.fetch("cuda"), packs.fetch("cuda"), packs.fetch("cuda")]);
		expect(asked.every(({ ok }) => ok)).toBe(true);
		await settled("installed");
		expect(registry.askedFiles()).toHaveLength(2);
		expect(await packs.fetch("cuda")).toMatchObject({ ok: false, error: { kind: "wrong-state" } });
	});

	test("of an earlier version of the program is not gone on with", async () => {
		const tarballs = goodTarballs();
		await open(tarballs);
		registry.manners.stallAfterBytes = 50_000;
		await packs.fetch("cuda");
		await expect.poll(state).toMatchObject({ received_bytes: 50_000 });
		await packs.stop();
		await reopen(packOf(tarballs, "2.0.0"));
		expect(state()).toEqual({ kind: "available" });
		expect(onItsWay()).toEqual([]);
	});

	test("tells what it comes to while it comes", async () => {
		await open();
		registry.manners.stallAfterBytes = 1_000;
		let told = 0;
		const stop = packs.watch(() => void told++);
		await packs.fetch("cuda");
		await expect.poll(() => told).toBeGreaterThan(1);
		stop();
		await packs.cancel("cuda");
		expect(here()).toEqual([]);
	});
});

describe("what comes is refused, and nothing of it stays among the packs,", () => {
	const failed = async (words: string) => {
		await packs.fetch("cuda");
		expect(await settled("failed")).toMatchObject({ words: expect.stringContaining(words) });
		expect(here()).toEqual([]);
		expect(packs.forLoading()).toEqual({ modules: [], note: null });
		expect(renewed).toBe(0);
	};

	test("when its checksum differs; the right one is fetched anew", async () => {
		const good = goodTarballs();
		const bad = Buffer.from(good[MAIN] ?? "");
		bad[100] = (bad[100] ?? 0) ^ 1;
		await open({ ...good, [MAIN]: bad }, packOf(good));
		await failed("its checksum differs");
		registry.files.set(`/${MAIN}/-/linux-x64-cuda-${TEST_VERSION}.tgz`, good[MAIN] ?? bad);
		await packs.fetch("cuda");
		await settled("installed");
	});

	test("when it is another size, a web page, or not there", async () => {
		const good = goodTarballs();
		await open({ ...good, [MAIN]: packageTarball(MAIN, 5) }, packOf(good));
		await failed("another size");
		await packs.cancel("cuda");
		registry.manners.instead = { status: 200, headers: { "content-type": "text/html" }, body: "<html>sign in" };
		await failed("such as a web page");
		await packs.cancel("cuda");
		registry.manners.instead = { status: 404, headers: {}, body: "" };
		await failed("has nothing there");
		await packs.cancel("cuda");
		registry.manners.instead = { status: 401, headers: {}, body: "" };
		await failed("NIGHTSHIFT_NPM_REGISTRY");
	});

	test("when the registry falls silent again and again", async () => {
		await open(goodTarballs(), undefined, { limits: { idleMs: 100 } });
		registry.manners.stallAfterBytes = 0;
		await failed("breaks again and again");
	});

	test("when the registry can't answer", async () => {
		await open();
		registry.manners.instead = { status: 503, headers: {}, body: "" };
		await failed("can't answer now");
	});

	test.each([
		["a path that leads out", [{ name: "package/../../../evil", content: "1" }]],
		[
			"a link",
			[
				{ name: "package/a", kind: "2", link: "/etc" },
				{ name: "package/a/evil", content: "1" },
			],
		],
		["more than the disk holds", [{ name: "package/a", sizeBytes: tarLimits.bytes + 1 }]],
	])("when its checksum is right and it holds %s", async (_what, entries) => {
		const evil = gzipSync(tarOf([{ name: "package/package.json", content: "{}" }, ...entries]));
		await open({ [MAIN]: evil });
		await failed("The archive is not unpacked");
		expect(existsSync(join(folder, "evil")) || existsSync("/etc/evil")).toBe(false);
	});

	test("when its checksum is right and it is no archive", async () => {
		await open({ [MAIN]: Buffer.concat([Uint8Array.of(0x1f, 0x8b), Buffer.alloc(5_000, 7)]) });
		await failed("it is damaged");
	});

	test("when the disk is too full for it, before a byte is asked for", async () => {
		await open(goodTarballs(), undefined, { freeBytes: async () => 1_000 });
		expect(await packs.fetch("cuda")).toMatchObject({ ok: false, error: { kind: "disk-full" } });
		expect(registry.asked).toEqual([]);
		expect(state()).toEqual({ kind: "available" });
	});
});

describe("a pack on the disk", () => {
	const install = async (more: Partial<GpuPacksDeps> = {}, tarballs = goodTarballs(), version?: string) => {
		await open(tarballs, packOf(tarballs, version), more);
		await packs.fetch("cuda");
		await settled("installed");
	};

	test("is not used when it does not work, and says why; it is tried again after a while", async () => {
		let nowMs = 0;
		let tries = 0;
		const clock = { nowMs: () => 0, monotonicMs: () => nowMs };
		const tryBackend = async () => {
			tries++;
			return { state: "fails", detail: "libcudart.so.13: not there." } as const;
		};
		await install({ clock, tryBackend });
		await expect.poll(state).toEqual({ kind: "installed", works: false, words: "libcudart.so.13: not there." });
		expect(renewed).toBe(0);
		expect(packs.forLoading()).toEqual({
			modules: [],
			note: "The CUDA pack is here, but CUDA can't be used. libcudart.so.13: not there.",
		});
		expect(packs.describe().in_use.words).toContain("libcudart.so.13");
		expect(tries).toBe(1);
		nowMs = 11 * 60_000;
		packs.forLoading();
		await expect.poll(() => tries).toBe(2);
	});

	test("is replaced by that of a new version of the program, and of no use until then", async () => {
		await install();
		await packs.stop();
		const newer = goodTarballs();
		await open(newer, packOf(newer, "2.0.0"));
		expect(packs.describe().data[0]).toMatchObject({ replaces: TEST_VERSION, state: { kind: "available" } });
		expect(packs.forLoading().modules).toEqual([]);
		expect(here()).toEqual([`cuda@${TEST_VERSION}`]);
		await packs.fetch("cuda");
		await settled("installed");
		expect(here()).toEqual(["cuda@2.0.0"]);
		await expect.poll(() => packs.describe().data[0]?.replaces).toBeNull();
	});

	test("is removed, models that are only kept in memory before it; not while one is used", async () => {
		let models: ReturnType<GpuPacksDeps["models"]> = [resident(1)];
		await install({
			models: () => models,
			onChanged: () => {
				models = models.filter(({ batchUsers }) => batchUsers > 0);
			},
		});
		expect(await packs.remove("cuda")).toMatchObject({ ok: false, error: { kind: "in-use" } });
		models = [resident(0)];
		expect(await packs.remove("cuda")).toMatchObject({ ok: true, value: { state: { kind: "available" } } });
		expect(here()).toEqual([]);
		expect(packs.forLoading()).toEqual({ modules: [], note: null });
		expect(await packs.remove("cuda")).toMatchObject({ error: { kind: "wrong-state" } });
	});

	test("that was changed by hand is none, and what a kill left is swept away at the start", async () => {
		await install();
		await packs.stop();
		const place = join(folder, "gpu-packs", `cuda@${TEST_VERSION}`);
		writeFileSync(join(place, "pack.json"), "{");
		mkdirSync(join(folder, "gpu-packs", `cuda@${TEST_VERSION}.partial-1`, "bins"), { recursive: true });
		symlinkSync("/etc", join(folder, "gpu-packs", `cuda@${TEST_VERSION}.partial-1`, "link"));
		await reopen(packOf(goodTarballs()));
		expect(here()).toEqual([`cuda@${TEST_VERSION}`]);
		expect(state()).toEqual({ kind: "available" });
		await packs.fetch("cuda");
		await settled("installed");
		expect(existsSync("/etc")).toBe(true);
	});

	test("of other contents than the list says is none", async () => {
		await install();
		await packs.stop();
		const pack = packOf(goodTarballs());
		const parts = pack.parts.map((part) => ({ ...part, integrity: integrityOf(Buffer.from("other")) }));
		await reopen({ ...pack, parts });
		expect(packs.forLoading().modules).toEqual([]);
	});
});

describe("a pack is not offered", () => {
	test.each<readonly [string, Partial<GpuPacksDeps>, string]>([
		["without an NVIDIA GPU", { snapshot: () => ({ gpus: [], sources: [] }) }, "No NVIDIA GPU"],
		["where it is part of the program", { isBundled: () => true }, "part of this installation"],
	])("%s", async (_when, more, words) => {
		await open(goodTarballs(), undefined, more);
		expect(state()).toMatchObject({ kind: "not-needed", words: expect.stringContaining(words) });
		const refused = await packs.fetch("cuda");
		expect(refused).toMatchObject({ ok: false, error: { kind: "wrong-state" } });
		for (const act of [packs.pause, packs.cancel, packs.remove]) {
			expect(await act("cuda")).toMatchObject({ ok: false, error: { kind: "wrong-state" } });
		}
		expect(await packs.fetch("rocm")).toMatchObject({ ok: false, error: { kind: "not-found" } });
	});

	test("without saying what else it needs: NVIDIA's driver, NVIDIA's libraries", async () => {
		await open(goodTarballs(), undefined, { cudaRuntimes: () => [11] });
		expect(packs.describe().data[0]?.needs).toContain("CUDA Toolkit");
		await packs.stop();
		await open(goodTarballs(), undefined, { cudaRuntimes: () => [12] });
		expect(packs.describe().data[0]?.needs).toBeNull();
	});
});

test("the list has CUDA for Linux on x64, and nothing for a Mac", async () => {
	const list = readPackList(join(import.meta.dirname, "../../../assets/gpu-packs/packs.json"));
	expect(packsFor(list, { platform: "linux", arch: "x64" })).toHaveLength(1);
	expect(packsFor(list, { platform: "darwin", arch: "arm64" })).toEqual([]);
});

test("the registry is the one that the environment names", () => {
	const address = (environment: NodeJS.ProcessEnv) => registryAddress(environment, silentLog);
	expect(address({})).toBe("https://registry.npmjs.org");
	expect(address({ npm_config_registry: "https://mirror.example/npm/" })).toBe("https://mirror.example/npm");
	expect(address({ NIGHTSHIFT_NPM_REGISTRY: "http://127.0.0.1:1", npm_config_registry: "https://b" })).toBe(
		"http://127.0.0.1:1",
	);
	expect(address({ NIGHTSHIFT_NPM_REGISTRY: "file:///etc" })).toBe("https://registry.npmjs.org");
});

function resident(batchUsers: number): ReturnType<GpuPacksDeps["models"]>[number] {
	const source = { name: "a", path: "/a.gguf" };
	return {
		source,
		state: { kind: "loading", source, progress: 0 },
		processId: null,
		isLeaving: false,
		batchUsers,
		interactiveUsers: 0,
	};
}
