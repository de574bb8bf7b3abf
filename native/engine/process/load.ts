/**
 * Brings a model up: native library, weights, one context with its lanes. Owns the choice of layers, lanes, context and
 * threads where the caller left it open, and says what was chosen. Must never run requests.
 */
import { open, stat } from "node:fs/promises";
import {
	getLlama,
	getModuleVersion,
	InsufficientMemoryError,
	type Llama,
	type LlamaContext,
	LlamaLogLevel,
	type LlamaModel,
} from "node-llama-cpp";
import { err, ok, type Result } from "../../base/base.ts";
import type { LoadedModel, LoadFailure, LoadOptions, ModelSource } from "../engine.ts";
import { createLane, type Lane } from "./lane.ts";
import { inLaneOrder } from "./loop.ts";
import type { NativeOptions } from "./protocol.ts";
import { chooseShape, type Shape, smallerShape } from "./shape.ts";
import { type ChatTemplate, createChatTemplate } from "./template.ts";
import { createVocabulary, type Vocabulary } from "./tokens.ts";

/** A model that is up. */
export interface Loaded {
	readonly model: LlamaModel;
	readonly context: LlamaContext;
	readonly lanes: readonly Lane[];
	readonly vocabulary: Vocabulary;
	readonly template: ChatTemplate;
	readonly batchTokens: number;
	/** Whether a lane's state can be cut back to a prefix, so that lanes can take over from each other. */
	readonly canCopyLanes: boolean;
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
		const llama = await getLlama({
			gpu: deps.native.gpu,
			build: "never",
			progressLogs: false,
			...(options.threads === null ? {} : { maxThreads: options.threads }),
			logLevel: LlamaLogLevel.warn,
			logger(level, message) {
				complaints.push(message.trim());
				if (complaints.length > COMPLAINT_LINES) complaints.shift();
				deps.log(level === LlamaLogLevel.error || level === LlamaLogLevel.fatal ? "error" : "warn", message.trim());
			},
		});
		return ok(await bringUp(deps, llama, source, options));
	} catch (error) {
		return err(explainFailure(source, error, complaints));
	}
}

async function bringUp(deps: LoadDeps, llama: Llama, source: ModelSource, options: LoadOptions): Promise<Loaded> {
	const notes: string[] = [];
	const model = await llama.loadModel({
		modelPath: source.path,
		gpuLayers: options.gpuLayers ?? "auto",
		onLoadProgress: deps.onProgress,
	});
	notes.push(placeNote(llama, model));
	const { context, shape } = await createLanesContext(model, llama, options, notes);
	const sequences = Array.from({ length: shape.batchLanes + options.interactiveLanes }, () => context.getSequence());
	const lanes = sequences.map((sequence, index) => createLane(sequence, index, index >= shape.batchLanes));
	const canCopyLanes = sequences.every((sequence) => !sequence.needsCheckpoints);
	const vocabulary = createVocabulary(model);
	const template = createChatTemplate(model.fileInfo.metadata.tokenizer?.chat_template ?? null);
	if (template.note !== null) notes.push(template.note);
	const { size: sizeBytes } = await stat(source.path);
	const release = llama.llamaCppRelease.release;
	const description: LoadedModel = {
		source,
		architecture: model.architecture,
		sizeBytes,
		lanes: shape.batchLanes,
		contextTokens: context.contextSize,
		trainedContextTokens: model.trainContextSize,
		gpu: llama.gpu === false ? "none" : llama.gpu,
		gpuLayers: model.gpuLayers,
		totalLayers: model.fileInsights.totalLayers,
		threads: context.currentThreads,
		vocabularySize: vocabulary.size,
		templateOverheadTokens: measureOverhead(vocabulary, template),
		engineVersion: `node-llama-cpp ${await getModuleVersion()}, llama.cpp ${release}`,
		notes,
	};
	return { model, context, lanes, vocabulary, template, batchTokens: context.batchSize, canCopyLanes, description };
}

function placeNote(llama: Llama, model: LlamaModel): string {
	if (llama.gpu === false) return "The processor does the work: no GPU is in use.";
	const { totalLayers } = model.fileInsights;
	if (model.gpuLayers === 0) return "No layer fits the GPU; the processor does the work.";
	return `${model.gpuLayers} of ${totalLayers} layers are on the GPU (${llama.gpu}).`;
}

/** Makes the context, with fewer lanes and then less context until it fits. */
async function createLanesContext(
	model: LlamaModel,
	llama: Llama,
	options: LoadOptions,
	notes: string[],
): Promise<{ readonly context: LlamaContext; readonly shape: Shape }> {
	let shape: Shape | null = chooseShape(options, {
		hasGpu: llama.gpu !== false && model.gpuLayers > 0,
		trainedContextTokens: model.trainContextSize,
	});
	let lastError: unknown = new InsufficientMemoryError("No context fits");
	while (shape !== null) {
		const fitting: Shape = shape;
		try {
			await checkRoom(model, fitting, options);
			const context = await model.createContext({
				sequences: fitting.batchLanes + options.interactiveLanes,
				contextSize: fitting.contextTokens,
				batchSize: fitting.batchTokens,
				threads: options.threads ?? llama.cpuMathCores,
				failedCreationRemedy: false,
				batching: { itemPrioritizationStrategy: inLaneOrder },
			});
			notes.push(
				`${fitting.batchLanes} batch lanes and ${options.interactiveLanes} for live requests, ${fitting.contextTokens} tokens of context each.`,
			);
			return { context, shape: fitting };
		} catch (error) {
			lastError = error;
			shape = smallerShape(fitting, options);
			if (shape !== null)
				notes.push(`${fitting.batchLanes} lanes of ${fitting.contextTokens} tokens do not fit the memory.`);
		}
	}
	throw lastError;
}

/**
 * Share of the free memory lanes may take. The system grants more than there is and takes it back by killing, and the model's
 * weights and the computation want their part.
 */
const MEMORY_SHARE = 0.7;

/** Throws where the lanes would not fit the free memory; GPU memory is node-llama-cpp's own check. */
async function checkRoom(model: LlamaModel, shape: Shape, options: LoadOptions): Promise<void> {
	const { cpuRam } = await model.fileInsights.estimateContextResourceRequirementsV2({
		contextSize: shape.contextTokens,
		sequences: shape.batchLanes + options.interactiveLanes,
		batchSize: shape.batchTokens,
		modelGpuLayers: model.gpuLayers,
	});
	const room = process.availableMemory() * MEMORY_SHARE;
	if (cpuRam <= room) return;
	const [need, have] = [cpuRam, room].map((bytes) => `${Math.ceil(bytes / 2 ** 20)} MiB`);
	throw new InsufficientMemoryError(`The lanes need ${need} of memory and ${have} are free for them`);
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
