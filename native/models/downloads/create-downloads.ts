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
	type MachineModelName,
	type NoSuchDownload,
} from "./downloads.ts";
import { findRemoteFiles, type RemoteFile } from "./hub.ts";
import { digestIn, fileNameFor, type MachineFiles, machineAddress } from "./machine-files.ts";
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
	const { hubAddress, hubToken, machines } = deps;
	const web = { hubAddress, hubToken, idleMs: limits.idleMs, ...(machines && { machines }) };
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

	/** Enters what `find` finds, unless it is there already or there is no room. */
	async function begin(
		text: string,
		find: () => Promise<Result<readonly RemoteFile[], DownloadFault>>,
	): Promise<Result<Download, DownloadFault>> {
		const known = queue.records.find((record) => record.reference === text);
		if (known !== undefined) return ok(queue.describe(known));
		if (queue.records.length + asks >= limits.open) return err(queueFull(limits));
		asks++;
		try {
			const files = await find();
			if (!files.ok) return files;
			await mkdir(deps.modelDownloadsDir, { recursive: true });
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
		add: (reference) =>
			begin(reference.trim(), async () => {
				const parsed = parseReference(reference, hubAddress);
				if (!parsed.ok) return err({ kind: "reference", message: parsed.error.message });
				return findRemoteFiles(parsed.value, web, asking.signal);
			}),
		addFromMachines: (model, taken) =>
			begin(machineAddress(model.digest), () => findMachineFile(model, taken, machines)),
		fromMachines: () =>
			queue.records.flatMap((record) => {
				const digest = digestIn(record.reference);
				return digest === null ? [] : [{ digest, download: queue.describe(record) }];
			}),
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

/** The file of a model on other machines, whose size only they know. */
async function findMachineFile(
	{ name, digest }: MachineModelName,
	taken: ReadonlySet<string>,
	machines: MachineFiles | undefined,
): Promise<Result<readonly RemoteFile[], DownloadFault>> {
	const fileName = fileNameFor(name, digest, taken);
	if (fileName === null) {
		const message = "The other machine calls this model by a name that no file can have here. Copy it by hand.";
		return err({ kind: "reference", message });
	}
	const opened = (await machines?.open(digest, 0)) ?? err({ message: "There are no other machines." });
	if (!opened.ok) return err({ kind: "unreachable", message: opened.error.message });
	const { sizeBytes, end } = opened.value;
	end();
	return ok([{ url: machineAddress(digest), fileName, sizeBytes, sha256: digest }]);
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
