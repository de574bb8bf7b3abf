/** Small packs, a registry that serves them, and archives no honest program writes. Must never be imported by the product. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { silentLog, systemClock } from "../../base/base.ts";
import { modelBytes, startHub, type TestHub } from "../../models/downloads/testing.ts";
import { createGpuPacks } from "./create-packs.ts";
import type { Pack, PackPart } from "./pack-list.ts";
import type { GpuPacks, GpuPacksDeps } from "./packs.ts";
import { tarballName } from "./registry.ts";

/** Something to put into an archive; a file unless it says otherwise. */
export interface TarEntry {
	readonly name: string;
	readonly content?: string | Uint8Array;
	/** As POSIX numbers them. */
	readonly kind?: string;
	readonly link?: string;
	/** Claimed instead of the true one. */
	readonly sizeBytes?: number;
}

/** Version of the packs of these tests. */
export const TEST_VERSION = "1.2.3";

/** An archive, not compressed. */
export function tarOf(entries: readonly TarEntry[], ending: Uint8Array = Buffer.alloc(1_024)): Buffer {
	const blocks = entries.flatMap(({ name, content = "", kind = "0", link = "", sizeBytes }) => {
		const body = Buffer.from(content);
		const header = Buffer.alloc(512);
		header.write(name, 0, 100);
		header.write("0000644\0", 100);
		header.write(`${(sizeBytes ?? body.byteLength).toString(8).padStart(11, "0")}\0`, 124);
		header.write("        ", 148);
		header.write(kind, 156);
		header.write(link, 157, 100);
		header.write("ustar\u000000", 257);
		const sum = header.reduce((total, byte) => total + byte, 0);
		header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
		return [header, body, Buffer.alloc((512 - (body.byteLength % 512)) % 512)];
	});
	return Buffer.concat([...blocks, ending]);
}

/** An extended header before the entry that it is about. */
export function paxEntry(records: Readonly<Record<string, string>>): TarEntry {
	const lines = Object.entries(records).map(([key, value]) => {
		const rest = ` ${key}=${value}\n`;
		const guess = Buffer.byteLength(rest) + 2;
		return `${guess < 100 ? guess : guess + 1}${rest}`;
	});
	return { name: "package/PaxHeader", kind: "x", content: lines.join("") };
}

/** A package as npm makes it: node-llama-cpp's binaries look like this. */
export function packageTarball(name: string, libraryBytes = 200_000): Buffer {
	const manifest = {
		name,
		version: TEST_VERSION,
		type: "module",
		main: "dist/index.js",
		exports: { ".": { import: "./dist/index.js" } },
	};
	const code = `export const getBinsDir = () => ({ binsDir: import.meta.dirname, packageVersion: "${TEST_VERSION}" });\n`;
	return gzipSync(
		tarOf([
			{ name: "package/package.json", content: JSON.stringify(manifest) },
			{ name: "package/dist/index.js", content: code },
			{ name: "package/bins/linux-x64-cuda/fallback/libggml-cuda.so", content: modelBytes(libraryBytes) },
		]),
	);
}

/** As `package-lock.json` writes it. */
export function integrityOf(bytes: Uint8Array): string {
	return `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
}

/** A pack made of these tarballs, by package. */
export function packOf(tarballs: Readonly<Record<string, Uint8Array>>, version = TEST_VERSION): Pack {
	const parts = Object.entries(tarballs).map(
		([name, bytes]): PackPart => ({
			package: name,
			integrity: integrityOf(bytes),
			tarball_bytes: bytes.byteLength,
			unpacked_bytes: bytes.byteLength * 2,
		}),
	);
	const downloadBytes = parts.reduce((sum, part) => sum + part.tarball_bytes, 0);
	return { name: "cuda", version, parts, downloadBytes, diskBytes: downloadBytes * 2 };
}

/** The two packages of a pack. */
export const MAIN = "@node-llama-cpp/linux-x64-cuda";
export const EXTENSION = "@node-llama-cpp/linux-x64-cuda-ext";

/** A pack that is as it should be. */
export function goodTarballs(): Record<string, Buffer> {
	return { [MAIN]: packageTarball(MAIN), [EXTENSION]: packageTarball(EXTENSION, 100_000) };
}

/** A registry that has these tarballs; its manners are those of the Hub that tests of downloads use. */
export function startRegistry(
	tarballs: Readonly<Record<string, Uint8Array>>,
	version = TEST_VERSION,
): Promise<TestHub> {
	const files = Object.entries(tarballs).map(([name, bytes]) => {
		return [`/${name}/-/${tarballName({ package: name }, version)}`, bytes] as const;
	});
	return startHub(Object.fromEntries(files));
}

/** Packs in a folder, on a computer with an NVIDIA GPU and CUDA's libraries. */
export function createTestPacks(
	folder: string,
	registryAddress: string,
	pack: Pack,
	more: Partial<GpuPacksDeps> = {},
): GpuPacks {
	return createGpuPacks({
		packs: [pack],
		gpuPacksDir: join(folder, "gpu-packs"),
		gpuPackDownloadsDir: join(folder, "gpu-packs", ".downloads"),
		registryAddress,
		snapshot: () => ({ gpus: [nvidiaGpu], sources: [{ name: "NVML", state: "answers", detail: "" }] }),
		models: () => [],
		onChanged() {},
		isBundled: () => false,
		cudaRuntimes: () => [13],
		tryBackend: async () => ({ state: "loads", detail: "llama.cpp b1 computes on RTX." }),
		clock: systemClock,
		log: silentLog,
		...more,
		limits: {
			leastFreeBytes: 0,
			syncBytes: 8_192,
			firstWaitMs: 1,
			longestWaitMs: 2,
			tellMs: 0,
			vainTries: 3,
			...more.limits,
		},
	});
}

/** A GPU that a pack is for. */
export const nvidiaGpu: ReturnType<GpuPacksDeps["snapshot"]>["gpus"][number] = {
	id: "nvidia:GPU-1",
	name: "NVIDIA GeForce RTX 4090",
	vendor: "nvidia",
	memory: { totalBytes: null, usedBytes: null, oursBytes: null, othersBytes: null },
	busy: { totalFraction: null, oursFraction: null, othersFraction: null },
	powerWatts: null,
	powerLimitWatts: null,
	temperatureCelsius: null,
	clockMegahertz: null,
	processes: null,
	source: "NVML",
};
