import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog, systemClock } from "../base/base.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { openLedger } from "../ledger/open.ts";
import { messageBatchLimits, storeRequests } from "./anthropic-batch-body.ts";
import { apiLimits } from "./limits.ts";

const mebibyte = 1024 * 1024;

let folder: string;
let ledger: Ledger;
beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-message-batch-"));
	const opened = await openLedger({ dataDir: folder, clock: systemClock, log: silentLog });
	if (!opened.ok) throw new Error(opened.error.message);
	ledger = opened.value;
});
afterAll(async () => {
	await ledger.close();
	rmSync(folder, { recursive: true, force: true });
});

/** Files that hold content, finished or being written. */
function contentFiles(): readonly string[] {
	const entries = readdirSync(join(folder, "blobs"), { recursive: true, withFileTypes: true });
	return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

function store(
	body: string | ReadableStream<Uint8Array>,
	{ headers = {}, limits = {}, idleMs = apiLimits.bodyIdleMs } = {},
) {
	const request = new Request("http://127.0.0.1/v1/messages/batches", {
		method: "POST",
		body,
		headers: { "content-type": "application/json", ...headers },
		duplex: "half",
	});
	const deps = {
		ledger,
		limits: { ...apiLimits, bodyIdleMs: idleMs },
		batchLimits: { ...messageBatchLimits, ...limits },
	};
	return storeRequests(request, deps);
}

/** A body of many requests of some 20 kB, made as it is asked for. */
function largeBody(count: number, onPiece: (sentBytes: number) => void, end = "]}"): ReadableStream<Uint8Array> {
	const content = "Please put our new billing address on the next invoice. ".repeat(360);
	let index = 0;
	let sentBytes = 0;
	function send(controller: ReadableStreamDefaultController<Uint8Array>, text: string): void {
		const piece = Buffer.from(text);
		sentBytes += piece.byteLength;
		onPiece(sentBytes);
		controller.enqueue(piece);
	}
	return new ReadableStream(
		{
			pull(controller) {
				if (index === count) {
					send(controller, end);
					controller.close();
					return;
				}
				const request = { custom_id: `r${index}`, params: { messages: [{ role: "user", content }] } };
				send(controller, `${index === 0 ? '{"requests":[' : ","}${JSON.stringify(request)}`);
				index += 1;
			},
		},
		{ highWaterMark: 0 },
	);
}

describe("the body of a message batch", () => {
	it("of 60 MB is on the disk without ever having been in memory, and others have their turns meanwhile", async () => {
		setFlagsFromString("--expose-gc");
		const collect: () => void = runInNewContext("gc");
		const held = () => {
			collect();
			const { heapUsed, arrayBuffers } = process.memoryUsage();
			return heapUsed + arrayBuffers;
		};
		const before = held();
		let peakBytes = 0;
		let measuredBytes = 0;
		let sentBytes = 0;
		let turns = 0;
		let isStoring = true;
		function countTurns(): void {
			turns += 1;
			if (isStoring) setImmediate(countTurns);
		}
		setImmediate(countTurns);
		const result = await store(
			largeBody(3_000, (sent) => {
				sentBytes = sent;
				if (sent - measuredBytes < 5 * mebibyte) return;
				measuredBytes = sent;
				peakBytes = Math.max(peakBytes, held() - before);
			}),
		);
		isStoring = false;
		expect(sentBytes).toBeGreaterThan(60_000_000);
		expect(result).toMatchObject({ ok: true, value: { count: 3_000 } });
		// One blob being filled, and one being written.
		expect(peakBytes).toBeLessThan(30 * mebibyte);
		expect(turns).toBeGreaterThan(sentBytes / (64 * 1024));
	});

	it("leaves nothing behind when its last byte is wrong", async () => {
		const before = contentFiles();
		const refused = await store(largeBody(1_000, () => {}, "]]"));
		expect(refused).toMatchObject({ ok: false, error: { status: 400, code: "invalid_json" } });
		const twice = await store(largeBody(1_000, () => {}, ',{"custom_id":"r0","params":{}}]}'));
		expect(twice).toMatchObject({ ok: false, error: { status: 400, param: "requests.1000.custom_id" } });
		expect(contentFiles()).toEqual(before);
	});

	it("is refused when it is too large, before or while it comes", async () => {
		const limits = { bodyBytes: 1_000 };
		const error = { status: 413, message: expect.stringContaining("larger than 1000 bytes. Split") };
		const announced = await store(
			largeBody(1, () => {}),
			{ limits, headers: { "content-length": "1001" } },
		);
		expect(announced).toMatchObject({ ok: false, error });
		expect(
			await store(
				largeBody(1, () => {}),
				{ limits },
			),
		).toMatchObject({ ok: false, error });
	});

	it("is refused when it is no JSON by its type", async () => {
		const refused = await store("{}", { headers: { "content-type": "text/plain" } });
		expect(refused).toMatchObject({ ok: false, error: { status: 415 } });
	});

	it("is given up when its client goes away or falls silent", async () => {
		const before = contentFiles();
		const start = Buffer.from('{"requests":[{"custom_id":"a","params":{}}');
		const broken = new ReadableStream<Uint8Array>({
			start(controller) {
				controller.enqueue(start);
			},
			pull: (controller) => controller.error(new Error("reset")),
		});
		expect(await store(broken)).toMatchObject({ ok: false, error: { code: "body_incomplete" } });
		const silent = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(start) });
		expect(await store(silent, { idleMs: 20 })).toMatchObject({ ok: false, error: { status: 408 } });
		expect(contentFiles()).toEqual(before);
	});
});
