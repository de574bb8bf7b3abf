/**
 * Brings a model up: native library, weights, and the contexts with its lanes. Owns the choice of layers and threads where the
 * caller left it open, and says what was chosen. Must never run requests.
 */
import { open, stat } from "node:fs/promises";
import { getModuleVersion, InsufficientMemoryError, type Llama, LlamaLogLevel, type LlamaModel } from "node-llama-cpp";
import { err, ok, type Result } from "../../base/base.ts";
import type { LoadedModel, LoadFailure, LoadOptions, ModelSource } from "../engine.ts";
import { type Contexts, createContexts } from "./contexts.ts";
import type { NativeOptions } from "./protocol.ts";
import { createRoom, createRoomBeside } from "./room.ts";
import { startLlama } from "./start-llama.ts";
import { type ChatTemplate, createChatTemplate } from "./template.ts";
import { createVocabulary, type Vocabulary } from "./tokens.ts";

/** A model that is up. */
export interface Loaded extends Contexts {
	readonly model: LlamaModel;
	readonly vocabulary: Vocabulary;
	readonly template: ChatTemplate;
	readonly description: LoadedModel;
}

/** What loading needs. */
export interface LoadDeps {
	readonly native: NativeOptions;
	readonly onProgress: (fraction: number) => void;
	readonly log: (level: "info" | "warn" | "error", message: string) => void;
}

/** Lines of llama.cpp's own complaints kept for the message of a failed load. */
const COMPLAINT_LINES = 6;

/** Loads a model, or says why it can't be. */
export async function loadModel(
	deps: LoadDeps,
	source: ModelSource,
	options: LoadOptions,
): Promise<Result<Loaded, LoadFailure>> {
	const fileProblem = await checkFile(source.path);
	if (fileProblem !== null) return err(fileProblem);
	const complaints: string[] = [];
	try {
		const { llama, note } = await startLlama(deps.native, (level, message) => {
			complaints.push(message.trim());
			if (complaints.length > COMPLAINT_LINES) complaints.shift();
			deps.log(level === LlamaLogLevel.error || level === LlamaLogLevel.fatal ? "error" : "warn", message.trim());
		});
		const notes = note === null ? [] : [note];
		return ok(await bringUp({ ...deps, notes }, llama, source, options));
	} catch (error) {
		return err(explainFailure(source, error, complaints));
	}
}

async function bringUp(
	{ notes, ...deps }: LoadDeps & { readonly notes: string[] },
	llama: Llama,
	source: ModelSource,
	options: LoadOptions,
): Promise<Loaded> {
	const { size: sizeBytes } = await stat(source.path);
	const hasGpu = llama.gpu !== false && (await llama.getVramState()).total > 0;
	const roomBeside = options.beside ? await createRoomBeside(onProcessor(sizeBytes, hasGpu, options)) : null;
	const model = await llama.loadModel({
		modelPath: source.path,
		// "max" throws where not all of them fit; "auto" settles for fewer.
		gpuLayers: options.gpuLayers ?? (options.beside && hasGpu ? "max" : "auto"),
		onLoadProgress: deps.onProgress,
	});
	notes.push(placeNote(llama, model));
	const room = roomBeside ?? createRoom();
	const { live, batch } = await createContexts({ llama, model, options, room, note: (text) => notes.push(text) });
	const vocabulary = createVocabulary(model);
	const template = createChatTemplate(model.fileInfo.metadata.tokenizer?.chat_template ?? null);
	if (template.note !== null) notes.push(template.note);
	const description: LoadedModel = {
		source,
		architecture: model.architecture,
		sizeBytes,
		lanes: batch?.lanes.length ?? 0,
		contextTokens: batch?.contextTokens ?? 0,
		interactiveLanes: live?.lanes.length ?? 0,
		interactiveContextTokens: live?.contextTokens ?? 0,
		trainedContextTokens: model.trainContextSize,
		gpu: llama.gpu === false ? "none" : llama.gpu,
		gpuLayers: model.gpuLayers,
		totalLayers: model.fileInsights.totalLayers,
		threads: (batch ?? live)?.threads ?? llama.cpuMathCores,
		vocabularySize: vocabulary.size,
		templateOverheadTokens: measureOverhead(vocabulary, template),
		engineVersion: `node-llama-cpp ${await getModuleVersion()}, llama.cpp ${llama.llamaCppRelease.release}`,
		notes,
	};
	return { model, live, batch, vocabulary, template, description };
}

/** Bytes of weights the processor works with: none when all layers are meant to be on the GPU. */
function onProcessor(sizeBytes: number, hasGpu: boolean, options: LoadOptions): number {
	return hasGpu && options.gpuLayers === null ? 0 : sizeBytes;
}

function placeNote(llama: Llama, model: LlamaModel): string {
	if (llama.gpu === false) return "The processor does the work: no GPU is in use.";
	const { totalLayers } = model.fileInsights;
	if (model.gpuLayers === 0) return "No layer fits the GPU; the processor does the work.";
	return `${model.gpuLayers} of ${totalLayers} layers are on the GPU (${llama.gpu}).`;
}

/** Tokens the template puts around one system and one user message: at least what it adds to any single message. */
function measureOverhead(vocabulary: Vocabulary, template: ChatTemplate): number {
	const messages = [
		{ role: "system", content: "" },
		{ role: "user", content: "" },
	];
	const base = { add_generation_prompt: true, bos_token: vocabulary.beginningText, eos_token: vocabulary.endText };
	const counts = [messages, messages.slice(1)].map((chat) => {
		const rendered = template.render({ ...base, messages: chat });
		return rendered.ok ? vocabulary.withBeginning(vocabulary.tokenizeTrusted(rendered.value)).length : 0;
	});
	return Math.max(...counts);
}

/** Versions of the format llama.cpp reads; what a file claims beyond them would be read as garbage. */
const GGUF_VERSIONS: readonly number[] = [2, 3];
/** More tensors or metadata entries than any model has; a file that claims more would keep its reader busy for ever. */
const MOST_GGUF_ENTRIES = 1_000_000n;
/** Magic, version, number of tensors, number of metadata entries (GGUF specification, version 3). */
const GGUF_HEADER_BYTES = 24;

/** Looks at the header only, so that a file that is no model is told in words before the native library sees it. */
async function checkFile(path: string): Promise<LoadFailure | null> {
	const notAModel = (what: string): LoadFailure => ({
		kind: "not-a-model",
		message: `${path} ${what}. Choose a GGUF file, or fetch this one again.`,
	});
	try {
		await using file = await open(path, "r");
		const { buffer, bytesRead } = await file.read(Buffer.alloc(GGUF_HEADER_BYTES), 0, GGUF_HEADER_BYTES, 0);
		if (buffer.toString("latin1", 0, 4) !== "GGUF") return notAModel("is not a GGUF file");
		if (bytesRead < GGUF_HEADER_BYTES) return notAModel("ends within its header");
		const version = buffer.readUInt32LE(4);
		if (!GGUF_VERSIONS.includes(version)) return notAModel(`claims GGUF version ${version}, which does not exist`);
		const entries = buffer.readBigUInt64LE(8) + buffer.readBigUInt64LE(16);
		return entries > MOST_GGUF_ENTRIES ? notAModel(`claims ${entries} entries, which no model has`) : null;
	} catch (error) {
		return { kind: "not-found", message: `${path} can't be read: ${messageOf(error)}. Check that it is still there.` };
	}
}

function explainFailure(source: ModelSource, error: unknown, complaints: readonly string[]): LoadFailure {
	const said = [messageOf(error), ...complaints].join("; ");
	const where = `${source.name} (${source.path})`;
	if (
		error instanceof InsufficientMemoryError ||
		/unable to allocate|failed to allocate|out of memory|insufficient/i.test(said)
	) {
		const message = `${where} does not fit this machine's memory: use a smaller model, less context or fewer lanes. ${said}`;
		return { kind: "out-of-memory", message };
	}
	if (/unknown model architecture|unsupported|not supported/i.test(said)) {
		return { kind: "unsupported", message: `${where} is of a kind this engine can't run. ${said}` };
	}
	return { kind: "not-a-model", message: `${where} can't be loaded: the file may be damaged, fetch it again. ${said}` };
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
