/** Batches as the tests need them: made by the service's own door, waited for, and what comes of their file when nothing disturbs it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Download } from "playwright-core";
import { startCommand } from "../../native/cli/testing.ts";
import { type BatchDetails, batchDetailsListSchema, batchDetailsSchema } from "../../native/contract/contract.ts";
import type { HeldFile } from "./files.ts";
import { given, type TestService } from "./service.ts";

/** How often a batch is looked at. */
const POLL_MS = 50;

/** Queues a file's batch without the page, with what `POST /api/batches` takes; answers its id. */
export async function submit(
	{ client, upload }: TestService,
	{ name, content }: HeldFile,
	options: object = {},
): Promise<string> {
	const draft = { ...options, input_file_id: await upload(name, content) };
	return given(await client.call("/api/batches", batchDetailsSchema, { body: draft })).id;
}

/** All batches, newest first. */
export async function listBatches({ client }: TestService): Promise<readonly BatchDetails[]> {
	return given(await client.call("/api/batches?limit=100", batchDetailsListSchema)).data;
}

/** A batch as the service tells it. */
export async function batchOf({ client }: TestService, id: string): Promise<BatchDetails> {
	return given(await client.call(`/api/batches/${id}`, batchDetailsSchema));
}

/** The only batch of a file of that name. */
export async function batchNamed(service: TestService, name: string): Promise<BatchDetails> {
	const [batch, ...more] = (await listBatches(service)).filter((one) => one.input_filename === name);
	if (batch === undefined || more.length > 0) throw new Error(`There are ${more.length + 1} or no batches of ${name}`);
	return batch;
}

/** Waits until something holds of a batch; the test's own time limit ends it otherwise. */
export async function untilBatch(
	service: TestService,
	id: string,
	isSo: (batch: BatchDetails) => boolean,
): Promise<BatchDetails> {
	for (;;) {
		const batch = await batchOf(service, id);
		if (isSo(batch)) return batch;
		await setTimeout(POLL_MS);
	}
}

/** Whether nothing more happens to a batch by itself. */
export function hasEnded({ status }: BatchDetails): boolean {
	return ["completed", "failed", "expired", "cancelled"].includes(status);
}

/** The content of one of the service's files. */
export async function contentOf({ client }: TestService, fileId: string | null): Promise<string> {
	return given(await client.open(`/v1/files/${fileId}/content`)).text();
}

/** What a file comes to on a service of its own, with nobody else there. */
export async function resultsAlone({ name, content }: HeldFile): Promise<string> {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-alone-"));
	try {
		writeFileSync(join(folder, name), content);
		const { exitCode, output } = await startCommand(join(folder, "data"), ["run", name, "-o", "out.jsonl"], folder)
			.ended;
		if (exitCode !== 0) throw new Error(output);
		return readFileSync(join(folder, "out.jsonl"), "utf8");
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** The bytes that a browser has saved. */
export async function savedText(download: Download): Promise<string> {
	return readFileSync(await download.path(), "utf8");
}

/** The ids of a results file's lines, in their order. */
export function idsOf(jsonl: string): readonly string[] {
	const lines = jsonl.trimEnd().split("\n");
	return lines.map((line) => {
		const parsed: { readonly custom_id: string } = JSON.parse(line);
		return parsed.custom_id;
	});
}
