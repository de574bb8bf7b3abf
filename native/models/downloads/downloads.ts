/**
 * Gets models from the Hugging Face Hub or any https address into our own folder. Owns what is on its way and what of it is on the disk;
 * a file appears among the models only when it is whole and checked. Must never write anywhere else, nor replace a model that is here.
 */
import type { Clock, Log, Result } from "../../base/base.ts";
import type { Download } from "../../contract/contract.ts";
import type { MachineFiles } from "./machine-files.ts";

/** Why a download was not begun. `message` is for people and says how to mend it. */
export interface DownloadFault {
	/**
	 * `reference`: it can't be read, or names nothing that is there. `gated`: its owner wants consent or a token. `unreachable`: the
	 * other side does not answer now. `name-taken`: a model of this name is here or on its way. `queue-full`, `disk-full`: no room.
	 */
	readonly kind: "reference" | "gated" | "unreachable" | "name-taken" | "queue-full" | "disk-full";
	readonly message: string;
}

/** Why nothing was done to a download. */
export interface NoSuchDownload {
	/** `wrong-state`: it is done, so there is nothing to pause or go on with. */
	readonly kind: "not-found" | "wrong-state";
	readonly message: string;
}

/** A model of another machine. */
export interface MachineModelName {
	readonly name: string;
	/** SHA-256, hex. */
	readonly digest: string;
}

/** Models on their way here, one at a time. */
export interface Downloads {
	/** Oldest first; those done since the start among them. */
	list(): readonly Download[];
	/** Calls the listener after every change, and now and then while bytes come. Answers a function that ends it. */
	watch(listener: () => void): () => void;
	/** Begins a download, or answers the one of the same reference that is on its way. Asks the Hub what there is. */
	add(reference: string): Promise<Result<Download, DownloadFault>>;
	/**
	 * Begins to copy a model from other machines, or answers the copy of it that is on its way. `name` and `digest` are what another
	 * machine told; `taken` are the names of models here.
	 */
	addFromMachines(model: MachineModelName, taken: ReadonlySet<string>): Promise<Result<Download, DownloadFault>>;
	/** Digests of models that are on their way from other machines, and in what state. */
	fromMachines(): readonly { readonly digest: string; readonly download: Download }[];
	/** Makes it wait until `resume`; what has come is kept, across restarts. */
	pause(id: string): Promise<Result<Download, NoSuchDownload>>;
	/** Goes on with a paused or failed one. */
	resume(id: string): Promise<Result<Download, NoSuchDownload>>;
	/** Gives it up and removes what has come; of one that is done only the entry goes. Answers it as it was. */
	remove(id: string): Promise<Result<Download, NoSuchDownload>>;
	/** Takes up what was on its way when the service ended last. */
	start(): Promise<void>;
	/** Stops receiving; what has come is kept. */
	stop(): Promise<void>;
}

/** What downloads are made from. */
export interface DownloadsDeps {
	/** Where whole models go. */
	readonly modelsDir: string;
	/** Where they lie until then; on the same disk. */
	readonly modelDownloadsDir: string;
	/** Address of the Hub or of a mirror of it, e.g. `https://huggingface.co`. Plain http is taken here, and nowhere else. */
	readonly hubAddress: string;
	/** The owner's token for the Hub, shown to nobody else; null: none. */
	readonly hubToken: string | null;
	/** Hears of the digest of a file that has come. */
	readonly onDigest: (path: string, digest: string) => void;
	/** Where models of other machines come from; absent: nowhere. */
	readonly machines?: MachineFiles;
	readonly clock: Clock;
	readonly log: Log;
	/** Smaller in tests. */
	readonly limits?: Partial<DownloadLimits>;
	/** Bytes free on the disk of a folder; the system's answer by default. */
	readonly freeBytes?: (folder: string) => Promise<number>;
}

/** Every size and time that is bounded, each with its reason. */
export interface DownloadLimits {
	/** On their way at once, waiting and failed ones too: more than anybody's disk holds. */
	readonly open: number;
	/** Done ones that are still listed. */
	readonly done: number;
	/** Stays free on the disk: batches, results and the system need it. */
	readonly leastFreeBytes: number;
	/** What has come is safe on the disk every so many bytes; so much at most comes twice after a power cut. */
	readonly syncBytes: number;
	/** Without a byte for so long a connection counts as broken. */
	readonly idleMs: number;
	/** Tries in a row that bring nothing new: with the waits between them about a quarter of an hour. */
	readonly vainTries: number;
	/** Wait after the first such try; doubles. */
	readonly firstWaitMs: number;
	/** What the wait grows to. */
	readonly longestWaitMs: number;
	/** Listeners hear of progress this often. */
	readonly tellMs: number;
}

/** The limits that hold. */
export const downloadLimits: DownloadLimits = {
	open: 16,
	done: 16,
	leastFreeBytes: 2 * 2 ** 30,
	syncBytes: 64 << 20,
	idleMs: 60_000,
	vainTries: 10,
	firstWaitMs: 1_000,
	longestWaitMs: 5 * 60_000,
	tellMs: 500,
};
