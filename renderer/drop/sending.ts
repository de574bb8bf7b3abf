/**
 * Brings files to the service, one after the other, and looks at their starts. Owns uploads; what becomes of a file once it is there is
 * the business of `drafts.ts`.
 */
import type { FileByPath, FileObject } from "../../native/contract/contract.ts";
import { type Answer, ask, call } from "../api/client.ts";
import { type Upload, uploadFile } from "../api/upload.ts";
import { busy, drop, refused, rehearse } from "./drafts.ts";
import type { Dropped } from "./dropped.ts";
import { draftOf, type FileCard, fileIdOf, findCard, happen, useDrop } from "./store.ts";
import { HEAD_BYTES, isTable, readTableHead } from "./table-head.ts";

const uploads = new Map<string, Upload>();

/** Takes files that were dropped or chosen. */
export function takeFiles({ files, leftOut }: Dropped): void {
	if (files.length === 0 && leftOut.length === 0) return;
	happen({ kind: "taken", files, leftOut });
	sendNext();
}

/** Sends the next file that waits, unless one is on its way. */
function sendNext(): void {
	const { cards } = useDrop.getState();
	if (cards.some(({ phase }) => phase.kind === "sending")) return;
	const next = cards.find(({ phase }) => phase.kind === "waiting");
	if (next !== undefined) void send(next);
}

async function send(card: FileCard): Promise<void> {
	const { key, source } = card;
	happen({ kind: "moved", key, phase: { kind: "sending", sentBytes: source.kind === "file" ? 0 : null } });
	const answer = await store(card);
	uploads.delete(key);
	if (findCard(key) !== null) {
		if (answer.ok) await arrived(card, answer.value);
		else happen({ kind: "moved", key, phase: { kind: "unsent", error: answer.error } });
	} else if (answer.ok) dropFile(answer.value.id);
	sendNext();
}

function store({ key, source }: FileCard): Promise<Answer<Pick<FileObject, "id" | "filename">>> {
	if (source.kind === "path") {
		const body: FileByPath = { path: source.path, purpose: "batch" };
		return call<FileObject>("/api/files/by-path", { body });
	}
	if (source.kind === "service") throw new Error("A file that is with the service is not sent again.");
	const upload = uploadFile(source.file, (sentBytes) => {
		// The answer comes after the last byte, and progress may be told after that.
		if (findCard(key)?.phase.kind === "sending") happen({ kind: "moved", key, phase: { kind: "sending", sentBytes } });
	});
	uploads.set(key, upload);
	return upload.done;
}

/** It is with the service: a table has to be told what its rows ask, everything else is rehearsed at once. */
async function arrived(
	{ key, source }: FileCard,
	{ id, filename }: Pick<FileObject, "id" | "filename">,
): Promise<void> {
	const head = await readHead(source.kind === "file" ? source.file : id);
	if (!head.ok) return happen({ kind: "moved", key, phase: { kind: "unsent", error: head.error } });
	const table = isTable(filename, head.value) ? readTableHead(filename, head.value) : null;
	happen({ kind: "read", key, name: filename, table });
	happen({ kind: "moved", key, phase: { kind: "stored", fileId: id, error: null } });
	if (table === null) void rehearse(key);
}

async function readHead(from: File | string): Promise<Answer<string>> {
	if (typeof from !== "string") return { ok: true, value: await from.slice(0, HEAD_BYTES).text() };
	const range = { headers: { range: `bytes=0-${HEAD_BYTES - 1}` } };
	const answer = await ask(`/v1/files/${encodeURIComponent(from)}/content`, range);
	return answer.ok ? { ok: true, value: await answer.value.text() } : answer;
}

/** Reads the start of a draft's table, which this page has not seen yet, so that its template can be changed. */
export async function readTable(card: FileCard): Promise<void> {
	const fileId = fileIdOf(card);
	if (fileId === null || card.table !== null || !/\.(csv|tsv)$/i.test(card.name)) return;
	const head = await readHead(fileId);
	if (!head.ok || !isTable(card.name, head.value)) return;
	happen({ kind: "read", key: card.key, name: card.name, table: readTableHead(card.name, head.value) });
}

/** Tries again to send a file. */
export function sendAgain(key: string): void {
	happen({ kind: "moved", key, phase: { kind: "waiting" } });
	sendNext();
}

/** Takes a file off the panel: its upload is stopped, its draft is cancelled and deleted. */
export async function discard(key: string): Promise<void> {
	const card = findCard(key);
	if (card === null) return;
	const phase = draftOf(card);
	const fileId = fileIdOf(card);
	uploads.get(key)?.abort();
	if (phase !== null) {
		busy(key, phase);
		const fault = await drop(phase.batchId);
		if (fault !== null) return refused(key, fault);
	}
	happen({ kind: "removed", key });
	// What this page has sent goes with it, and a draft's file with the draft; what was there before may be read by others.
	if (fileId !== null && phase === null && card.source.kind !== "service") dropFile(fileId);
	sendNext();
}

/** In vain it does no harm: the service drops files that no batch reads by its own rules. */
function dropFile(fileId: string): void {
	void call(`/v1/files/${encodeURIComponent(fileId)}`, { method: "DELETE" });
}
