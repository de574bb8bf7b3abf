/** Runs downloads, one at a time, and answers for them. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { err, ok, type Result } from "../../base/base.ts";
import type { Download } from "../../contract/contract.ts";
import { bytesFree } from "../own-folder.ts";
import { createDownloadQueue, type DownloadQueue } from "./download-queue.ts";
import {
	type DownloadFault,
	type DownloadLimits,
	type Downloads,
	type DownloadsDeps,
	downloadLimits,
	type NoSuchDownload,
} from "./downloads.ts";
import { findRemoteFiles } from "./hub.ts";
import { createRecordStore, type DownloadRecord, newRecord } from "./record.ts";
import { parseReference } from "./reference.ts";
import { queueFull, refusalOf } from "./refusal.ts";
import { checkFiles, placeFiles } from "./settle.ts";
import { ggufKind } from "./transfer.ts";

/** Makes downloads that have not begun: call `start`. */
export function createDownloads(deps: DownloadsDeps): Downloads {
	const limits: DownloadLimits = { ...downloadLimits, ...deps.limits };
	const freeBytes = async () => (deps.freeBytes ?? bytesFree)(deps.modelDownloadsDir);
	const store = createRecordStore(deps.modelDownloadsDir, deps.log);
	const web = { hubAddress: deps.hubAddress, hubToken: deps.hubToken, idleMs: limits.idleMs };
	const queue = createDownloadQueue({
		...deps,
		settling: {
			check: checkFiles,
			place: (record, settleDeps) => placeFiles(record, { ...settleDeps, modelsDir: deps.modelsDir }),
		},
		fileKind: ggufKind,
		store,
		web,
		limits,
		freeBytes,
		onDone(record) {
			for (const { fileName, digest } of record.files) {
				if (digest !== null) deps.onDigest(join(deps.modelsDir, fileName), digest);
			}
		},
	});
	const asking = new AbortController();
	let asks = 0;

	async function begin(reference: string, text: string): Promise<Result<Download, DownloadFault>> {
		const parsed = parseReference(reference, deps.hubAddress);
		if (!parsed.ok) return err({ kind: "reference", message: parsed.error.message });
		if (queue.records.length + asks >= limits.open) return err(queueFull(limits));
		await mkdir(deps.modelDownloadsDir, { recursive: true });
		asks++;
		try {
			const files = await findRemoteFiles(parsed.value, web, asking.signal);
			if (!files.ok) return files;
			const facts = { modelsDir: deps.modelsDir, freeBytes: await freeBytes(), limits };
			// Nothing is waited for between looking and entering, so two that ask at once can't both get in.
			const twin = queue.records.find((record) => record.reference === text);
			if (twin !== undefined) return ok(queue.describe(twin));
			const refusal = refusalOf(files.value, { ...facts, records: queue.records });
			if (refusal !== null) return err(refusal);
			return ok(await queue.enter(newRecord(text, files.value, deps.clock.nowMs())));
		} finally {
			asks--;
		}
	}

	return {
		list: queue.list,
		watch: queue.watch,
		add(reference) {
			const text = reference.trim();
			const known = queue.records.find((record) => record.reference === text);
			return known === undefined ? begin(reference, text) : Promise.resolve(ok(queue.describe(known)));
		},
		pause: (id) => actOn(queue, id, (record) => queue.pause(record)),
		resume: (id) => actOn(queue, id, (record) => queue.resume(record)),
		async remove(id) {
			const forgotten = queue.forgetDone(id);
			return forgotten === null ? actOn(queue, id, (record) => queue.remove(record)) : ok(forgotten);
		},
		start: queue.start,
		async stop() {
			asking.abort();
			await queue.stop();
		},
	};
}

async function actOn(
	queue: DownloadQueue,
	id: string,
	act: (record: DownloadRecord) => Promise<Download>,
): Promise<Result<Download, NoSuchDownload>> {
	const record = queue.records.find((one) => one.id === id);
	if (record !== undefined) return ok(await act(record));
	const isDone = queue.list().some((one) => one.id === id);
	if (isDone) return err({ kind: "wrong-state", message: "This download is done: the model is here." });
	return err({ kind: "not-found", message: "There is no such download." });
}
