/** What tests of whole batch files share: a folder with models in it, and files in a ledger. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ok, silentLog } from "../base/base.ts";
import { type BatchOptions, defaultBatchOptions, type RowTemplate } from "../contract/contract.ts";
import type { Engine, LoadedModel, ModelSource } from "../engine/engine.ts";
import type { HeldModel } from "../engine/residency.ts";
import type { BatchRecord, FileRecord, Ledger } from "../ledger/ledger.ts";
import { createModels, type ModelNames, type Models, noModelNames } from "../models/models.ts";
import { type BatchWish, draftManifest } from "./new-batch.ts";
import { unshared } from "./sharing.ts";
import { createValidator, type ValidatorDeps } from "./validator.ts";
import { alwaysPermitted } from "./work-permit.ts";

/** Models by their names; nothing looks inside them. */
export interface ModelShelf extends Disposable {
	readonly models: Models;
	readonly pathOf: (name: string) => string;
}

/** Puts models of these names into a folder. */
export function openShelf(names: readonly string[], chosen: Partial<ModelNames> = {}): ModelShelf {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-models-"));
	const pathOf = (name: string) => join(folder, `${name}.gguf`);
	for (const name of names) writeFileSync(pathOf(name), name);
	const models = createModels({
		modelsDir: folder,
		demoModelPath: join(folder, "none"),
		modelDigestsPath: join(folder, "digests.json"),
		names: () => ({ ...noModelNames, ...chosen }),
		log: silentLog,
	});
	return { models, pathOf, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

/** A prompt and nothing else. */
export function templateOf(prompt: string): RowTemplate {
	return { prompt, system: null, max_tokens: null, temperature: 0 };
}

/** Stores a text as a file for a batch. */
export async function storeFile(
	ledger: Pick<Ledger, "storeBytes" | "createFile">,
	text: string,
	filename = "input.jsonl",
	purpose = "batch",
): Promise<FileRecord> {
	async function* bytes() {
		yield Buffer.from(text);
	}
	const stored = await ledger.storeBytes(bytes(), 2 ** 30);
	if (!stored.ok) throw new Error(stored.error.kind);
	return ledger.createFile({ filename, purpose, expiresAtMs: null }, stored.value);
}

/** A wish for a batch of a file with nothing special about it. */
export function wishFor(
	file: Pick<FileRecord, "id">,
	options: Partial<BatchOptions> = {},
	changes: Partial<BatchWish> = {},
): BatchWish {
	return {
		inputFileId: file.id,
		surface: "openai",
		badLines: "refuse-file",
		endpoint: null,
		completionWindow: "24h",
		windowMs: 86_400_000,
		metadata: null,
		outputExpiresAfterMs: null,
		modelOverride: null,
		options: { ...defaultBatchOptions, ...options },
		rehearsal: null,
		...changes,
	};
}

/** Models that are in memory at once; all that can be done with them is to count, and no prompt is ever too long. */
export function stubResidency(onLoad: (source: ModelSource) => void = () => {}): ValidatorDeps["residency"] {
	return {
		tryAcquire(source) {
			onLoad(source);
			return Promise.resolve(ok(holdStub(source)));
		},
		isFree: () => true,
	};
}

/** How `acceptFile` makes its batch. */
export interface AcceptWish {
	readonly filename?: string;
	readonly options?: Partial<BatchOptions>;
	readonly changes?: Partial<BatchWish>;
}

/** Makes a batch of a file and checks it. */
export async function acceptFile(
	deps: Pick<ValidatorDeps, "residency"> & { readonly ledger: Ledger; readonly models: Models },
	text: string,
	wish: AcceptWish = {},
): Promise<BatchRecord> {
	const { ledger, models } = deps;
	const file = await storeFile(ledger, text, wish.filename);
	const drafting = { ledger, models, allowedHosts: () => [] };
	const drafted = await draftManifest(drafting, wishFor(file, wish.options, wish.changes));
	if (!drafted.ok) throw new Error(drafted.error.message);
	const { batch } = await ledger.createBatch(drafted.value, null);
	const permit = () => alwaysPermitted;
	const sharing = unshared(ledger);
	await createValidator({ ...deps, permit, sharing, log: silentLog }).validate(batch, new AbortController().signal);
	return ledger.batch(batch.id) ?? batch;
}

function holdStub(source: ModelSource): HeldModel {
	const loaded = modelFacts(source);
	const unused = () => Promise.reject(new Error("Validation only counts."));
	const engine: Engine = {
		state: { kind: "ready", model: loaded },
		processId: null,
		load: unused,
		run: unused,
		countPromptTokens: async (requests) => ok(requests.map(() => ok(1))),
		closeGate: unused,
		openGate: unused,
		setBatchShare() {},
		batchInLanes: 0,
		counters: unused,
		stop: async () => {},
	};
	return { engine, loaded, leaving: new AbortController().signal, release() {} };
}

function modelFacts(source: ModelSource): LoadedModel {
	return {
		source,
		architecture: "llama",
		sizeBytes: 1,
		lanes: 4,
		contextTokens: 4_096,
		interactiveLanes: 0,
		interactiveContextTokens: 0,
		trainedContextTokens: 4_096,
		gpu: "none",
		gpuLayers: 0,
		totalLayers: 1,
		threads: 1,
		vocabularySize: 10,
		templateOverheadTokens: 10,
		engineVersion: "stub",
		notes: [],
	};
}
