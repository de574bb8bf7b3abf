/** Something that tells about this computer: a library, a folder of the kernel, a bus, a tool. */
import type { Result } from "../base/base.ts";
import type { ForegroundKind, Gpu, Heat } from "../contract/contract.ts";

/** A process on a GPU as a source tells it: whose it is, is for `own-use.ts` to say. */
export interface SeenProcess {
	readonly pid: number;
	/** Null: the source does not tell names; `create-machine.ts` asks the system then. */
	readonly name: string | null;
	readonly memoryBytes: number | null;
	/** Of the GPU's time since the source's last look. */
	readonly busyFraction: number | null;
}

/** A GPU as a source tells it. */
export interface SeenGpu {
	readonly id: string;
	readonly name: string;
	readonly vendor: Gpu["vendor"];
	/** Address on the bus, lower case, e.g. `0000:03:00.0`, by which two sources know the same GPU; null: it can't be told. */
	readonly pciAddress: string | null;
	readonly totalBytes: number | null;
	readonly usedBytes: number | null;
	readonly busyFraction: number | null;
	readonly powerWatts: number | null;
	readonly powerLimitWatts: number | null;
	readonly temperatureCelsius: number | null;
	readonly clockMegahertz: number | null;
	/** Null: this source can't see who uses it. */
	readonly processes: readonly SeenProcess[] | null;
}

/** What one look may tell. A field that is left out is not this source's business; null: it should know and can't tell. */
export interface Sight {
	readonly gpus?: readonly SeenGpu[];
	/** Since this source's last look. */
	readonly cpu?: { readonly totalFraction: number | null; readonly temperatureCelsius?: number | null };
	/** Processor time of our own processes since the last look, of all cores. */
	readonly ownCpuFraction?: number | null;
	readonly memory?: { readonly totalBytes: number; readonly availableBytes: number };
	/** Main memory of our own processes. */
	readonly ownMemoryBytes?: number | null;
	readonly supply?: "mains" | "battery" | null;
	readonly batteryFraction?: number | null;
	readonly heat?: Heat | null;
	readonly hasDesktop?: boolean;
	readonly idleMs?: number | null;
	readonly isLocked?: boolean | null;
	readonly foreground?: { readonly kind: ForegroundKind; readonly name: string | null } | null;
	/** Names of all programs that run, lower case, without `.exe`; only where `Question.programs` asks. */
	readonly programs?: readonly string[];
}

/** What a source told. */
export interface Told {
	/** Its name. */
	readonly source: string;
	readonly sight: Sight;
}

/** What a look is for. */
export interface Question {
	/** Our own processes: this one and its inference processes. */
	readonly ownProcessIds: readonly number[];
	/** Of those, the inference processes. */
	readonly inferenceProcessIds: readonly number[];
	/** Programs somebody wants to know of, lower case, without `.exe`; empty: none, don't look. */
	readonly programs: readonly string[];
	/** Ends the look when it takes too long. */
	readonly signal: AbortSignal;
}

/** Why a source tells nothing. */
export interface SourceFault {
	/** `absent`: not on this computer, don't ask again soon. `failed`: it may answer next time. */
	readonly kind: "absent" | "failed";
	/** In words: what is missing and, where it helps, how to get it. */
	readonly message: string;
}

/** Something that tells about this computer. */
export interface Source {
	/** e.g. `NVML`. */
	readonly name: string;
	/** What it tells, for `nightshift doctor`, e.g. `NVIDIA GPUs and the processes on them`. */
	readonly tells: string;
	/** Looks once. Never throws for what the hardware or a driver does. */
	look(question: Question): Promise<Result<Sight, SourceFault>>;
	/** Hears `onNews` when it knows before the next look that something changed. Absent: it can't. */
	watch?(onNews: () => void): void;
	/** Lets go of what it holds. */
	stop(): Promise<void>;
}
