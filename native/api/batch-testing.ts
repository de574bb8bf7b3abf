/** Batches for tests of the API: made in the real ledger, with lines and answers as jobs would leave them. Runs nothing. */
import { anyMachine, type BatchDetails, type BatchPlace } from "../contract/contract.ts";
import type { IndexedLine, Ledger, LineResult, ModelIdentity, StoredBytes } from "../ledger/ledger.ts";
import type { BatchManifest, BatchRecord, Seal } from "../ledger/records.ts";
import { sampleManifest, untouched } from "../ledger/testing/manifest.ts";
import { composeDetails } from "./batch-details.ts";

/** The model of all these batches. */
export const testModel: ModelIdentity = { name: "demo", digest: "d".repeat(64) };

/** How a made batch differs from three lines that nobody answered yet. */
export interface MadeBatch {
	readonly customIds?: readonly string[];
	readonly manifest?: Partial<BatchManifest>;
}

/** Lines brought to the index in one call. */
const LINES_PER_CALL = 10_000;

/** A validated batch of chat lines. */
export async function makeBatch(ledger: Ledger, wish: MadeBatch = {}): Promise<BatchRecord> {
	const { customIds = ["a", "b", "c"] } = wish;
	const texts = customIds.map(requestText);
	const file = await ledger.createFile(
		{ filename: "tickets.jsonl", purpose: "batch", expiresAtMs: null },
		await store(ledger, texts.map((text) => `${text}\n`).join("")),
	);
	const { batch } = await ledger.createBatch(sampleManifest({ ...wish.manifest, inputFileId: file.id }), null);
	let offset = 0;
	const index: IndexedLine[] = texts.map((text, line) => {
		const length = Buffer.byteLength(text);
		const customId = customIds[line] ?? "";
		const entry = { line, customId, offset, length, key: Buffer.alloc(16, line), family: 0 };
		offset += length + 1;
		return entry;
	});
	for (let first = 0; first < index.length; first += LINES_PER_CALL) {
		ledger.indexLines(batch.id, index.slice(first, first + LINES_PER_CALL));
	}
	return ledger.settleValidation(batch.id, { kind: "valid", total: texts.length, model: testModel, notices: [] });
}

/** The line of a batch file that asks a question named after its id. */
function requestText(customId: string): string {
	const body = { model: "demo", messages: [{ role: "user", content: `What of ${customId}?` }] };
	return JSON.stringify({ custom_id: customId, method: "POST", url: "/v1/chat/completions", body });
}

/** When the answer to line 0 was made; each further line a second later. */
export const FIRST_PRODUCED_MS = 1_700_000_000_250;

/** The answer to a line: "Answer 0" unless told otherwise, or that it is too long. */
export function answerTo(line: number, isError = false, text = `Answer ${line}`): LineResult {
	const body = isError
		? { error: { message: "Too long", type: "invalid_request_error", param: null, code: null } }
		: {
				id: `chatcmpl-${line}`,
				object: "chat.completion",
				created: 0,
				model: "demo",
				choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
			};
	const response = { status_code: isError ? 400 : 200, request_id: `req_${line}`, body };
	return {
		line,
		isError,
		payload: JSON.stringify({ response, error: null }),
		provenance: {
			modelDigest: testModel.digest,
			engineVersion: "engine 1",
			machine: "desk",
			seed: null,
			promptTokens: isError ? 0 : 10 + line,
			cachedTokens: 0,
			completionTokens: isError ? 0 : 5,
			reasoningTokens: 0,
			producedAtMs: FIRST_PRODUCED_MS + line * 1_000,
			durationMs: 1_500,
			attempts: 1,
		},
	};
}

/** Ends a batch with files of this content; null: no such file. */
export async function sealBatch(
	ledger: Ledger,
	batchId: string,
	files: { readonly status?: Seal["status"]; readonly output: string | null; readonly errors: string | null },
): Promise<BatchRecord> {
	const { status = "completed", output, errors } = files;
	return ledger.seal(batchId, {
		status,
		output: output === null ? null : await store(ledger, output),
		errors: errors === null ? null : await store(ledger, errors),
		extension: "jsonl",
	});
}

/** A batch that ended with an answer to each line but those named, which failed. */
export async function makeEndedBatch(
	ledger: Ledger,
	wish: MadeBatch & { readonly failed?: readonly number[]; readonly output?: string; readonly answer?: string } = {},
): Promise<BatchRecord> {
	const { failed = [], output = "output\n", answer } = wish;
	const { id, total } = await makeBatch(ledger, wish);
	const lines = Array.from({ length: total }, (_, line) => answerTo(line, failed.includes(line), answer));
	await ledger.commit(id, lines);
	return sealBatch(ledger, id, {
		output: failed.length === total ? null : output,
		errors: failed.length === 0 ? null : "errors\n",
	});
}

async function store(ledger: Ledger, text: string): Promise<StoredBytes> {
	const stored = await ledger.storeBytes(pieces(text), 2 ** 30);
	if (!stored.ok) throw new Error(stored.error.kind);
	return stored.value;
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
	yield Buffer.from(text);
}

/** What pages are told of a batch that nothing happened to. */
export function sampleDetails(changes: Partial<BatchDetails> = {}): BatchDetails {
	const statistics = {
		adopted: 0,
		retries: 0,
		worked_seconds: 0,
		queue_age_seconds: null,
		line_seconds: null,
		machines: {},
		energy: { watt_hours: 0, is_measured: true },
	};
	const record: BatchRecord = { ...sampleRecord, manifest: sampleManifest() };
	const health = { state: "waiting", words: "waiting for its turn" } as const;
	const place: BatchPlace = { durability: { level: 1, reason: "only-member" }, machines: anyMachine };
	const known = { inputFilename: "tickets.jsonl", health, statistics, forecast: null, place };
	const facts = { nowMs: sampleRecord.createdAtMs, ...known };
	return { ...composeDetails(record, facts), ...changes };
}

const sampleRecord: Omit<BatchRecord, "manifest"> = {
	...untouched,
	origin: "origin",
	id: "batch_sample",
	status: "in_progress",
	faults: [],
	model: testModel,
	total: 3,
	completed: 0,
	failed: 0,
	usage: { inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 },
	outputFileId: null,
	errorFileId: null,
	createdAtMs: FIRST_PRODUCED_MS,
	expiresAtMs: FIRST_PRODUCED_MS + 86_400_000,
	inProgressAtMs: FIRST_PRODUCED_MS,
	finalizingAtMs: null,
	completedAtMs: null,
	failedAtMs: null,
	expiredAtMs: null,
	cancellingAtMs: null,
	cancelledAtMs: null,
};
