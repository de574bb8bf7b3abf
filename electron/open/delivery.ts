/** Brings one opened file to the service: taken by its path, then rehearsed, or queued at once. */
import { extname } from "node:path";
import { z } from "zod";
import {
	type BatchDraft,
	batchDetailsSchema,
	type FileByPath,
	fileObjectSchema,
	rehearsalSchema,
	type SettingsValues,
} from "../../native/contract/contract.ts";
import type { Answer, ServiceLink } from "../service/link.ts";
import { openWords } from "../words/open.ts";

/** What became of a file. */
export type Delivered =
	/** Its rehearsal runs; its card is on the first screen. */
	| { readonly kind: "draft"; readonly batchId: string }
	| { readonly kind: "queued"; readonly batchId: string }
	| { readonly kind: "refused"; readonly message: string }
	/** The service went away meanwhile. */
	| { readonly kind: "down" };

/** Taking a large file means copying it, from a network drive at worst: ten gigabytes at some 20 MB/s. */
const TAKE_LIMIT_MS = 10 * 60_000;

/** Brings a file. `openedFiles` is the owner's choice. */
export async function deliverFile(
	link: Pick<ServiceLink, "call">,
	path: string,
	openedFiles: SettingsValues["desktop"]["openedFiles"],
): Promise<Delivered> {
	// Nothing says what the rows of a table ask; only the window has fields for that.
	if ([".csv", ".tsv"].includes(extname(path).toLowerCase())) return { kind: "refused", message: openWords.table };
	const body: FileByPath = { path, purpose: "batch" };
	const taken = await link.call({
		method: "POST",
		path: "/api/files/by-path",
		body,
		limitMs: TAKE_LIMIT_MS,
		answers: fileObjectSchema,
	});
	if (!taken.ok) return failed(taken);
	// Everything not said is as usual, just as for a dropped file.
	const draft: Pick<BatchDraft, "input_file_id"> = { input_file_id: taken.value.id };
	// The answer comes once another machine has a copy too.
	const wish = { method: "POST", body: draft, limitMs: TAKE_LIMIT_MS } as const;
	const made =
		openedFiles === "ask"
			? await link.call({ ...wish, path: "/api/batches/rehearse", answers: rehearsalSchema })
			: await link.call({ ...wish, path: "/api/batches", answers: batchDetailsSchema });
	if (made.ok) {
		return "batch" in made.value
			? { kind: "draft", batchId: made.value.batch.id }
			: { kind: "queued", batchId: made.value.id };
	}
	// Nobody would find it again. In vain it does no harm.
	const file = `/v1/files/${encodeURIComponent(taken.value.id)}`;
	if (made.error.kind !== "down") await link.call({ method: "DELETE", path: file, answers: z.unknown() });
	return failed(made);
}

function failed({ error }: Extract<Answer<unknown>, { ok: false }>): Delivered {
	return error.kind === "down" ? { kind: "down" } : { kind: "refused", message: error.message };
}
