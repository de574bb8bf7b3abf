/** What is on its way, as it lies on the disk: a JSON file for each download, beside the parts of its files. */
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { errorCode, type Log, syncFolder } from "../../base/base.ts";
import { modelNameOf } from "../gguf-files.ts";
import type { RemoteFile } from "./hub.ts";
import { digestIn } from "./machine-files.ts";
import { isSafeFileName } from "./reference.ts";

const fileSchema = z.object({
	/** Where it is: an address of the web, or what other machines know it by (`machine-files.ts`). */
	url: z.union([z.url({ protocol: /^https?$/ }), z.string().refine((text) => digestIn(text) !== null)]),
	fileName: z.string(),
	sizeBytes: z.int().min(0).nullable(),
	/** The size comes from the Hub's listing, so a server that says another has another file. */
	isSizeListed: z.boolean(),
	sha256: z.string().nullable(),
	/** What the server calls this version of the file; null: it does not say, or not surely. */
	validator: z.string().nullable(),
	/** Of the part file; safe on the disk. */
	syncedBytes: z.int().min(0),
	/** Whole, and what it should be. Its digest, hex; null: not yet. */
	digest: z.string().nullable(),
});

const recordSchema = z.object({
	version: z.literal(1),
	id: z.string().regex(/^[0-9a-f-]{36}$/),
	reference: z.string(),
	phase: z.enum(["queued", "paused", "failed"]),
	problem: z.string().nullable(),
	createdAtMs: z.number(),
	files: z.array(fileSchema).min(1).max(1_000),
});

/** A file on its way. Changed in place by whoever fetches it. */
export type FileRecord = z.infer<typeof fileSchema>;
/** A download. Changed in place by whoever runs it. */
export type DownloadRecord = z.infer<typeof recordSchema>;

/** Keeps downloads on the disk. */
export interface RecordStore {
	/** All that were kept, oldest first. Leftovers of others are removed; what can't be read is told and left alone. */
	load(): Promise<readonly DownloadRecord[]>;
	/** Safe on the disk when it resolves. Answers why it is not; null: it is. */
	save(record: DownloadRecord): Promise<string | null>;
	/** Removes a download and what has come of it. */
	remove(record: DownloadRecord): Promise<void>;
	/** Where a file lies until it is whole. */
	partPath(record: DownloadRecord, file: FileRecord): string;
}

/** A download that has not begun. */
export function newRecord(reference: string, files: readonly RemoteFile[], createdAtMs: number): DownloadRecord {
	return {
		version: 1,
		id: randomUUID(),
		reference,
		phase: "queued",
		problem: null,
		createdAtMs,
		files: files.map((file) => ({
			...file,
			isSizeListed: file.sizeBytes !== null,
			validator: null,
			syncedBytes: 0,
			digest: null,
		})),
	};
}

/** Name that the model will have. */
export function recordName(record: DownloadRecord): string {
	return modelNameOf(record.files[0]?.fileName ?? "");
}

/** Keeps downloads in a folder, which need not exist. A record whose files have names that are not `isSafe` is passed over. */
export function createRecordStore(
	folder: string,
	log: Log,
	isSafe: (fileName: string) => boolean = isSafeFileName,
): RecordStore {
	const jsonPath = ({ id }: { readonly id: string }) => join(folder, `${id}.json`);
	const partPath = ({ id }: DownloadRecord, { fileName }: FileRecord) => join(folder, `${id}-${fileName}.part`);

	let last: Promise<unknown> = Promise.resolve();

	async function read(name: string): Promise<DownloadRecord | null> {
		const path = join(folder, name);
		try {
			const record = recordSchema.parse(JSON.parse(await readFile(path, "utf8")));
			const isOurs = name === `${record.id}.json` && record.files.every(({ fileName }) => isSafe(fileName));
			if (!isOurs) log.warn({ path }, "a download is passed over: its file was not written here");
			return isOurs ? record : null;
		} catch (error) {
			log.warn({ path, reason: String(error) }, "a download is passed over: its file can't be read");
			return null;
		}
	}

	return {
		async load() {
			await mkdir(folder, { recursive: true });
			const names = await readdir(folder);
			const records: DownloadRecord[] = [];
			for (const name of names.filter((one) => /^[0-9a-f-]{36}\.json$/.test(one))) {
				const record = await read(name);
				if (record !== null) records.push(record);
			}
			const ids = names.map((name) => name.slice(0, 36));
			for (const [index, name] of names.entries()) {
				// A part that nobody knows of is what a kill left between two steps of a removal.
				const isKnown = names.includes(`${ids[index]}.json`);
				const isLeftOver = (name.endsWith(".part") && !isKnown) || name.endsWith(".json.new");
				if (isLeftOver) await rm(join(folder, name), { force: true });
			}
			return records.sort((one, other) => one.createdAtMs - other.createdAtMs);
		},
		save(record) {
			// One after the other, and each with what holds when its turn comes, so that none is overtaken by an older one.
			const saved = last.then(() => write(jsonPath(record), record));
			last = saved;
			return saved;
		},
		async remove(record) {
			await rm(jsonPath(record), { force: true });
			for (const file of record.files) await rm(partPath(record, file), { force: true });
			try {
				await syncFolder(folder);
			} catch (error) {
				if (errorCode(error) !== "ENOENT") throw error;
			}
		},
		partPath,
	};
}

/** Written beside and renamed, so that a kill leaves the old content or the new one. */
async function write(path: string, record: DownloadRecord): Promise<string | null> {
	try {
		const file = await open(`${path}.new`, "w", 0o600);
		try {
			await file.writeFile(`${JSON.stringify(record, null, "\t")}\n`);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(`${path}.new`, path);
		await syncFolder(dirname(path));
		return null;
	} catch (error) {
		const code = errorCode(error);
		if (code === "") throw error;
		return `Its state could not be written (${code}). Check the disk, then resume.`;
	}
}
