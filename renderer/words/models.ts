/** Words of the screen `models`. Figures come in as people read them. */
import type { Download, MachineModel, ModelFit, ModelPlace } from "../../native/contract/contract.ts";

const places: Record<ModelPlace, string> = {
	nightshift: "Nightshift",
	bundled: "Bundled",
	"lm-studio": "LM Studio",
	ollama: "Ollama",
	"hugging-face": "Hugging Face",
	elsewhere: "Elsewhere",
};

const fits: Record<ModelFit["kind"], string> = {
	gpu: "Fits the GPU",
	partly: "Partly on the GPU",
	processor: "On the processor",
	"too-big": "Too big",
	unknown: "Fit unknown",
};

const roles: Record<MachineModel["roles"][number], string> = {
	default: "Default",
	chat: "Chat",
	batch: "Batches",
	embedding: "Embeddings",
};

const useAs: Record<MachineModel["roles"][number], string> = {
	default: "Use as default",
	chat: "Use for chat",
	batch: "Use for batches",
	embedding: "Use for embeddings",
};

const useNoMore: Record<MachineModel["roles"][number], string> = {
	default: "Stop using as default",
	chat: "Stop using for chat",
	batch: "Stop using for batches",
	embedding: "Stop using for embeddings",
};

const here = {
	title: "On this machine",
	places,
	fits,
	roles,
	useAs,
	useNoMore,
	embedding: "Embedding model",
	context: (tokens: string) => `${tokens} context`,
	/** A thousand and twenty-four of them, as models are sold. */
	thousandTokens: (count: string) => `${count}k`,
	speed: (rate: string) => `${rate} tokens/s`,
	speedHint: "Measured in batch work on this machine, over all lines at once",
	notMeasured: "Speed not measured yet",
	free: (size: string) => `${size} free on disk`,
	lookAgain: "Look again",
	actions: (name: string) => `Actions for ${name}`,
	delete: "Delete…",
	emptyTitle: "No model here yet",
	emptyBody: "Get one below. LM Studio's and Ollama's models are found and used where they lie.",
	onlyDemo: "Only the demo model is here. It is good for a trial; get a bigger one below for real work.",
	folders: "Folders that were looked through",
	folderMissing: "not there",
} as const;

const remove = {
	title: (name: string) => `Delete ${name}?`,
	body: (size: string) => `Its file goes from this machine; ${size} of disk space become free.`,
	roles: (roles: string) => `It is in use now: ${roles}.`,
	action: "Delete the model",
	done: (name: string) => `${name} is deleted`,
} as const;

const states: Record<Download["state"], string> = {
	queued: "Waits for its turn",
	running: "Downloading",
	paused: "Paused",
	checking: "Checking",
	done: "Here",
	failed: "Failed",
};

const downloads = {
	title: "Downloads",
	states,
	progress: (name: string) => `Download of ${name}`,
	received: (received: string, total: string | null) => (total === null ? received : `${received} of ${total}`),
	rate: (size: string) => `${size}/s`,
	left: (duration: string) => `${duration} left`,
	checking: "Comparing its checksum",
	failedWithoutReason: "It broke off.",
	pause: (name: string) => `Pause the download of ${name}`,
	resume: (name: string) => `Go on with the download of ${name}`,
	tryAgain: "Try again",
	cancel: (name: string) => `Cancel the download of ${name}`,
	dismiss: (name: string) => `Take ${name} off this list`,
	cancelTitle: (name: string) => `Cancel the download of ${name}?`,
	cancelBody: (size: string) => `The ${size} that are here already are thrown away. Pause it instead to go on later.`,
	cancelAction: "Cancel the download",
	cancelKeep: "Keep it",
} as const;

const groups: Record<ModelFit["kind"], string> = {
	gpu: "Fits your GPU",
	partly: "Partly on your GPU: slower",
	processor: "On the processor: slow, good for nights",
	unknown: "Whether it fits can't be told",
	"too-big": "Too big for this machine",
};

const more = {
	title: "Get more",
	groups,
	foldedTooBig: (count: string) => `Too big for this machine (${count})`,
	license: "Licence:",
	embedding: "Embeddings",
	download: "Download",
	downloadOf: (title: string) => `Download ${title}`,
	isHere: (name: string) => `Here as ${name}`,
	isHereShort: "Already here",
	onItsWay: "On its way",
	onItsWayWith: (percent: string) => `On its way, ${percent}`,
	noSpace: (free: string) => `Only ${free} free on disk`,
	asOf: (date: string) => `A short list, chosen by hand; as of ${date}.`,
	nothing: "The list is empty. Any GGUF file can be had by its address.",
	started: (name: string) => `Downloading ${name}`,
	reference: "Any other model",
	referenceHint: "A Hugging Face page or reference such as hf:owner/name:Q4_K_M, or the https address of a GGUF file.",
	referenceExample: "hf:owner/name:Q4_K_M",
} as const;

/** The screen's words. */
export const models = { title: "Models", here, remove, downloads, more } as const;
