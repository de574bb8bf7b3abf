/**
 * `--smoke`: a packed app sees itself through. The window loads the service's page, the service answers, a small batch runs to its end on
 * the demo model, and the program ends with 0, or with 1 and the reason on stderr. Must never touch anything but what it made itself.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batchDetailsSchema, fileObjectSchema, settingsSchema } from "../native/contract/contract.ts";
import { endsWithin } from "./base/base.ts";
import type { Answer, Call, ServiceLink } from "./service/link.ts";
import { hasEnded } from "./state/reduce.ts";
import type { ShellState } from "./state/state.ts";

/** What it looks at. */
export interface SmokeDeps {
	readonly link: Pick<ServiceLink, "state" | "watch" | "call">;
	/** Opens the main window; resolves when it shows the service's page. */
	readonly showPage: () => Promise<void>;
	/** A batch file for the demo model. */
	readonly exampleBatch: string;
	/** Tells how far it is, on stdout. */
	readonly print: (line: string) => void;
}

/** Asks for it. */
export const SMOKE_ARGUMENT = "--smoke";
/** Lines that are run: more than there are lanes. */
const LINES = 20;
/** Settings by which work runs whatever goes on on this computer: it is the app that is tested, not when it may work. */
export const workAlways = {
	schedule: { mode: "always" },
	limits: { othersCpuPercent: null, leastFreeMemoryPercent: null, temperatureCelsius: null },
};
/** Of each of its parts; a hosted computer without a GPU loads the demo model in seconds. */
const PART_LIMIT_MS = 60_000;

/** Runs it; rejects with what went wrong. */
export async function runSmoke({ link, showPage, exampleBatch, print }: SmokeDeps): Promise<void> {
	await within(
		"the service is up",
		untilState(link, ({ service }) => service.kind === "up"),
	);
	print("the service is up");
	await within("the page is loaded", showPage());
	print("the page is loaded");
	await asked(link, { method: "PATCH", path: "/api/settings", body: workAlways, answers: settingsSchema });
	const id = await submit(link, exampleBatch);
	await within(
		"the batch has ended",
		untilState(link, ({ batches }) => {
			const batch = batches.get(id);
			return batch !== undefined && hasEnded(batch);
		}),
	);
	const batch = link.state.batches.get(id);
	const answered = batch?.request_counts.completed ?? 0;
	if (batch?.status !== "completed" || answered !== LINES) {
		throw new Error(`the batch ended as ${batch?.status} with ${answered} of ${LINES} lines answered`);
	}
	print(`${answered} lines are answered`);
}

async function submit(link: SmokeDeps["link"], exampleBatch: string): Promise<string> {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-smoke-batch-"));
	try {
		const path = join(folder, "smoke.jsonl");
		const lines = readFileSync(exampleBatch, "utf8").split("\n").slice(0, LINES);
		writeFileSync(path, `${lines.join("\n")}\n`);
		const body = { path, purpose: "batch" };
		const file = await asked(link, { method: "POST", path: "/api/files/by-path", body, answers: fileObjectSchema });
		const draft = { input_file_id: file.id };
		const batch = await asked(link, { method: "POST", path: "/api/batches", body: draft, answers: batchDetailsSchema });
		return batch.id;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

async function asked<Value>(link: Pick<ServiceLink, "call">, call: Call<Value>): Promise<Value> {
	const answer: Answer<Value> = await link.call(call);
	if (!answer.ok) throw new Error(`${call.method} ${call.path}: ${answer.error.message}`);
	return answer.value;
}

/** Resolves when something holds of the state; at once if it does. */
function untilState(link: SmokeDeps["link"], holds: (state: ShellState) => boolean): Promise<void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	const stop = link.watch((state) => {
		if (holds(state)) resolve();
	});
	if (holds(link.state)) resolve();
	return promise.finally(stop);
}

async function within(what: string, promise: Promise<void>): Promise<void> {
	if (!(await endsWithin(promise, PART_LIMIT_MS))) throw new Error(`${what}: not within ${PART_LIMIT_MS / 1_000} s`);
}
