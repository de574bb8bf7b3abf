/** A client of a trial: asks machines for batches and files as any program would, and writes down what it was told. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { parseJson } from "../../native/base/base.ts";
import { extendedBatchSchema, fileObjectSchema } from "../../native/contract/contract.ts";
import type { Recorder, SeenAnswer, SeenBatch } from "./history.ts";
import type { TrialLines } from "./lines.ts";
import type { Machine } from "./machines.ts";

/** Asks and writes down. */
export interface Client {
	/** Makes a batch; null: it was not answered, or refused. */
	create(machine: Machine, lines: TrialLines): Promise<string | null>;
	/** Null: no answer, or none such. */
	poll(machine: Machine, batchId: string): Promise<SeenBatch | null>;
	/** Fetches a file and writes down what its bytes are. */
	fetch(machine: Machine, batchId: string, fileId: string): Promise<void>;
	look(machine: Machine): Promise<void>;
	/** Batches that were acknowledged, in the order of their making. */
	readonly batchIds: readonly string[];
	/** Files that a machine named as a batch's output at some time. */
	readonly fileIds: ReadonlyMap<string, string>;
}

/** Making a batch waits until it stands on two disks. */
const CREATE_MS = 60_000;

/** Some hundred kilobytes, from a machine whose processor is busy. */
const FETCH_MS = 20_000;

const answerLineSchema = z.object({
	custom_id: z.string(),
	response: z
		.object({
			body: z.object({
				choices: z.array(z.object({ message: z.object({ content: z.string().nullable() }) })).min(1),
			}),
		})
		.nullable(),
});

/** Knows of no batch yet. */
export function createClient(recorder: Recorder): Client {
	const batchIds: string[] = [];
	const fileIds = new Map<string, string>();
	const digests = new Set<string>();

	async function upload(machine: Machine, { text }: TrialLines): Promise<string | null> {
		const form = new Response(formOf(text));
		const type = form.headers.get("content-type") ?? "";
		const body = await form.text();
		const answer = await machine.ask({ method: "POST", path: "/v1/files", text: { type, body }, timeoutMs: CREATE_MS });
		return answer?.http === 200 ? fileObjectSchema.parse(JSON.parse(answer.text)).id : null;
	}

	return {
		batchIds,
		fileIds,
		async create(machine, lines) {
			const place = { request: lines.request, machine: machine.name };
			recorder.record({ kind: "create", ...place, customIds: [...lines.customIds] });
			const inputFileId = await upload(machine, lines);
			const json = {
				input_file_id: inputFileId,
				endpoint: "/v1/chat/completions",
				completion_window: "24h",
			};
			const answer =
				inputFileId === null
					? null
					: await machine.ask({ method: "POST", path: "/v1/batches", json, timeoutMs: CREATE_MS });
			const batchId = answer?.http === 200 ? extendedBatchSchema.parse(JSON.parse(answer.text)).id : null;
			const level = answer === null ? null : levelOf(answer.headers["x-nightshift-durability"]);
			recorder.record({ kind: "created", ...place, http: answer?.http ?? null, batchId, level });
			if (batchId !== null) batchIds.push(batchId);
			return batchId;
		},
		async poll(machine, batchId) {
			const answer = await machine.ask({ path: `/v1/batches/${batchId}` });
			const batch = answer?.http === 200 ? seenBatch(answer.text) : null;
			recorder.record({ kind: "polled", machine: machine.name, batchId, http: answer?.http ?? null, batch });
			if (batch !== null && batch.outputFileId !== null) fileIds.set(batch.outputFileId, batchId);
			return batch;
		},
		async fetch(machine, batchId, fileId) {
			const answer = await machine.ask({ path: `/v1/files/${fileId}/content`, timeoutMs: FETCH_MS });
			const isThere = answer?.http === 200;
			const digest = isThere ? createHash("sha256").update(answer.text).digest("hex") : null;
			if (isThere && digest !== null && !digests.has(digest)) {
				digests.add(digest);
				recorder.record({ kind: "content", digest, answers: readAnswers(answer.text) });
			}
			const http = answer?.http ?? null;
			recorder.record({ kind: "fetched", machine: machine.name, batchId, fileId, http, digest });
		},
		async look(machine) {
			const view = await machine.mesh();
			if (view === null) return;
			const host = view.machines.find(({ id }) => id === view.host?.id)?.name ?? null;
			const online = view.machines.filter(({ is_online }) => is_online).length;
			const term = view.host?.term ?? null;
			recorder.record({ kind: "mesh", machine: machine.name, host, term, online, trouble: view.trouble });
		},
	};
}

/** The answers of an output file, in its order. */
export function readAnswers(text: string): SeenAnswer[] {
	const lines = text.split("\n").filter((line) => line !== "");
	return lines.map((line) => {
		const parsed = answerLineSchema.safeParse(parseJson(line));
		if (!parsed.success) return { customId: line.slice(0, 200), text: null };
		const { custom_id: customId, response } = parsed.data;
		return { customId, text: response?.body.choices[0]?.message.content ?? null };
	});
}

function seenBatch(text: string): SeenBatch {
	const { status, request_counts, output_file_id, error_file_id } = extendedBatchSchema.parse(JSON.parse(text));
	return {
		status,
		...request_counts,
		outputFileId: output_file_id,
		errorFileId: error_file_id,
	};
}

function formOf(text: string): FormData {
	const form = new FormData();
	form.set("purpose", "batch");
	form.set("file", new File([text], "tickets.jsonl"));
	return form;
}

/** `2`, or `1; reason=alone`. */
function levelOf(header: string | undefined): 1 | 2 | null {
	if (header === undefined) return null;
	return header.startsWith("2") ? 2 : 1;
}
