/**
 * Backends that are not part of the program, because they are large and few computers have use for them: which fits this one, fetching it
 * from npm's registry, and lending it to inference processes. Owns the folder of packs; a pack appears there only when all of it was checked
 * against the checksums that came with the program. Must never run anything of a pack itself: a process of its own tries it.
 */
import type { Clock, Log, Result } from "../../base/base.ts";
import type { GpuPack, GpuPackList, MachineSnapshot } from "../../contract/contract.ts";
import type { DownloadLimits } from "../../models/downloads/downloads.ts";
import type { Backend } from "../backends.ts";
import type { PackModule, PackUse } from "../process/protocol.ts";
import type { ResidentModel } from "../residency.ts";
import type { Pack } from "./pack-list.ts";

/** Why nothing was done to a pack; `message` says how to mend it. */
export interface PackRefusal {
	/** `wrong-state`: there is nothing to do it to. `in-use`: a model runs on it. */
	readonly kind: "not-found" | "wrong-state" | "in-use" | "disk-full" | "failed";
	readonly message: string;
}

/** GPU packs of this computer. */
export interface GpuPacks {
	/** How it stands with each, and what models run on. */
	describe(): GpuPackList;
	/** Calls the listener after every change, and now and then while bytes come. Answers a function that ends it. */
	watch(listener: () => void): () => void;
	/** Begins to fetch a pack, or goes on with one that was paused or failed. */
	fetch(name: string): Promise<Result<GpuPack, PackRefusal>>;
	/** What has come is kept until `fetch` goes on. */
	pause(name: string): Promise<Result<GpuPack, PackRefusal>>;
	/** Gives up fetching, and removes what has come. */
	cancel(name: string): Promise<Result<GpuPack, PackRefusal>>;
	/** Takes an installed one away; not while a model runs on it. */
	remove(name: string): Promise<Result<GpuPack, PackRefusal>>;
	/** What an inference process that starts now should use. */
	forLoading(): PackUse;
	/** Goes on with what was on its way when the service ended last, and tries what is installed. */
	start(): Promise<void>;
	/** Stops receiving; what has come is kept. */
	stop(): Promise<void>;
}

/** What packs are made from. */
export interface GpuPacksDeps {
	/** Those there are for this kind of computer. */
	readonly packs: readonly Pack[];
	readonly gpuPacksDir: string;
	/** On the same disk, so that nothing is copied. */
	readonly gpuPackDownloadsDir: string;
	/** Without a slash at its end; see `registryAddress`. Plain http is taken here, and nowhere else. */
	readonly registryAddress: string;
	readonly snapshot: () => Pick<MachineSnapshot, "gpus" | "sources">;
	readonly models: () => readonly ResidentModel[];
	/** Models are to be loaded anew, as soon as nobody uses them. */
	readonly onChanged: () => void;
	/** Whether a package is part of the program; by default Node is asked. */
	readonly isBundled?: (packageName: string) => boolean;
	/** Major versions of NVIDIA's CUDA libraries that are here; by default the usual folders are looked through. */
	readonly cudaRuntimes?: () => readonly number[];
	/** Tries CUDA with these packages; by default in a process of its own. */
	readonly tryBackend?: (modules: readonly PackModule[]) => Promise<Pick<Backend, "state" | "detail">>;
	readonly clock: Clock;
	readonly log: Log;
	/** Smaller in tests. */
	readonly limits?: Partial<DownloadLimits>;
	/** Bytes free on the disk of a folder; the system's answer by default. */
	readonly freeBytes?: (folder: string) => Promise<number>;
}
