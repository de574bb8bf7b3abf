import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { err, ok } from "../../base/base.ts";
import type { Downloads } from "./downloads.ts";
import { fileNameFor, type MachineFiles } from "./machine-files.ts";
import { type DownloadsWish, ended, openDownloads, reached } from "./open-testing.ts";
import { modelBytes, sha256 } from "./testing.ts";

const KIBIBYTE = 1_024;
const model = modelBytes(300 * KIBIBYTE);
const digest = sha256(model);
const NOBODY = "https://hub.invalid";
let folder: string;
const opened: Downloads[] = [];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-machine-files-"));
});
afterEach(async () => {
	for (const downloads of opened.splice(0)) await downloads.stop();
	rmSync(folder, { recursive: true });
});

/** Other machines that have one file, and how they behave. */
function others(bytes: Uint8Array) {
	const manners = { breakAfterBytes: Number.POSITIVE_INFINITY, isThere: true, holds: null as Promise<void> | null };
	const starts: number[] = [];
	const open = { count: 0 };
	async function* rest(start: number): AsyncGenerator<Uint8Array> {
		for (let at = start; at < bytes.length && at - start < manners.breakAfterBytes; at += 16 * KIBIBYTE) {
			if (at > start) await manners.holds;
			yield bytes.subarray(at, Math.min(at + 16 * KIBIBYTE, bytes.length));
		}
	}
	const machines: MachineFiles = {
		async open(wanted, start) {
			if (!manners.isThere || wanted !== digest) return err({ message: "No machine that is there has it." });
			starts.push(start);
			open.count += 1;
			const end = (): void => {
				open.count -= 1;
			};
			return ok({ sizeBytes: bytes.length, bytes: rest(start), end });
		},
	};
	return { machines, manners, starts, open };
}

async function start(machines: MachineFiles, wish: DownloadsWish = {}): Promise<Downloads> {
	const downloads = await openDownloads(folder, NOBODY, { machines, ...wish });
	opened.push(downloads);
	return downloads;
}

const inPlace = (name: string) => readFileSync(join(folder, "models", name));

test("a model of another machine comes under its name, as often as the connection breaks, and its digest is told", async () => {
	const digests: string[] = [];
	const { machines, manners, starts, open } = others(model);
	manners.breakAfterBytes = 64 * KIBIBYTE;
	const downloads = await start(machines, { onDigest: (_, told) => void digests.push(told) });
	const added = await downloads.addFromMachines({ name: "tiny", digest }, new Set());
	expect(added).toMatchObject({ ok: true, value: { name: "tiny", total_bytes: model.length } });
	await ended(downloads);
	expect(downloads.list()).toMatchObject([{ state: "done", received_bytes: model.length, problem: null }]);
	expect(inPlace("tiny.gguf").equals(model)).toBe(true);
	expect(digests).toEqual([digest]);
	// The first opening asked for the size only.
	expect(starts).toEqual([0, 0, 64, 128, 192, 256].map((at) => at * KIBIBYTE));
	expect(open.count).toBe(0);
	expect(downloads.fromMachines()).toEqual([]);
});

test("one that was on its way when the service ended goes on where it was", async () => {
	const { machines, manners, starts } = others(model);
	const held = Promise.withResolvers<void>();
	manners.holds = held.promise;
	const before = await start(machines);
	await before.addFromMachines({ name: "tiny", digest }, new Set());
	await expect.poll(() => before.list()[0]?.received_bytes).toBeGreaterThan(0);
	await before.stop();
	held.resolve();
	const after = await start(machines);
	expect(after.fromMachines()).toMatchObject([{ digest, download: { name: "tiny" } }]);
	await ended(after);
	expect(after.list()).toMatchObject([{ state: "done" }]);
	expect(starts).toEqual([0, 0, 16 * KIBIBYTE]);
	expect(inPlace("tiny.gguf").equals(model)).toBe(true);
});

test("paused it stays as it is, and cancelled nothing is left", async () => {
	const { machines, manners } = others(model);
	const held = Promise.withResolvers<void>();
	manners.holds = held.promise;
	const downloads = await start(machines);
	const added = await downloads.addFromMachines({ name: "tiny", digest }, new Set());
	const id = added.ok ? added.value.id : "";
	await expect.poll(() => downloads.list()[0]?.received_bytes).toBeGreaterThan(0);
	expect(await downloads.pause(id)).toMatchObject({ ok: true, value: { state: "paused" } });
	expect(await downloads.addFromMachines({ name: "tiny", digest }, new Set())).toMatchObject({ value: { id } });
	expect(await downloads.remove(id)).toMatchObject({ ok: true });
	expect(readdirSync(join(folder, "models", ".downloads"))).toEqual([]);
	held.resolve();
});

test("other bytes than were asked for never become a model", async () => {
	const { machines } = others(modelBytes(300 * KIBIBYTE, 7));
	const downloads = await start(machines);
	await downloads.addFromMachines({ name: "tiny", digest }, new Set());
	await ended(downloads);
	const [download] = downloads.list();
	expect(download?.state).toBe("failed");
	expect(download?.problem).toContain("not what was asked of the other machines");
	expect(existsSync(join(folder, "models", "tiny.gguf"))).toBe(false);
});

test("a disk without room for it is told before anything comes, and machines that went away when it is tried", async () => {
	const { machines, manners, starts } = others(model);
	const small = await start(machines, { freeBytes: async () => model.length - 1 });
	expect(await small.addFromMachines({ name: "tiny", digest }, new Set())).toMatchObject({
		ok: false,
		error: { kind: "disk-full" },
	});
	expect(starts).toEqual([0]);
	const downloads = await start(machines, { with: { vainTries: 2 } });
	manners.breakAfterBytes = 0;
	await downloads.addFromMachines({ name: "tiny", digest }, new Set());
	manners.isThere = false;
	await reached(downloads, "failed");
	expect(downloads.list()[0]?.problem).toContain("No machine that is there has it.");
	const gone = await downloads.addFromMachines({ name: "other", digest: sha256(Buffer.from("x")) }, new Set());
	expect(gone).toMatchObject({ ok: false, error: { kind: "unreachable" } });
});

test("a model's file has its name, or one of its own where that is taken, and never a path", () => {
	expect(fileNameFor("tiny", digest, new Set())).toBe("tiny.gguf");
	expect(fileNameFor("tiny", digest, new Set(["Tiny"]))).toBe(`tiny-${digest.slice(0, 8)}.gguf`);
	expect(fileNameFor("tiny", digest, new Set(["tiny", `tiny-${digest.slice(0, 8)}`]))).toBe(`tiny-${digest}.gguf`);
	for (const name of ["../tiny", "a/b", "a\\b", "", ".hidden", "nul.x", "C:tiny", "tiny\n", "x".repeat(300)]) {
		expect(fileNameFor(name, digest, new Set())).toBeNull();
	}
	expect(fileNameFor("tiny", `${digest}/..`, new Set())).toBeNull();
});
