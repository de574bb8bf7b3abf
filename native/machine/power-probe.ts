/** Looks at the hardware: what kind of computer this is, and what its GPUs draw. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { err, errorCode, ok, type Result } from "../base/base.ts";

/** Kinds of computers as far as their power differs. */
export type ComputerKind = "laptop" | "desktop" | "unknown";

/** A GPU and what it draws now. */
export interface GpuPower {
	readonly name: string;
	readonly watts: number;
}

/** What a look found. */
export interface PowerSight {
	readonly kind: ComputerKind;
	/** Those that tell what they draw; empty: none does, and none will soon. */
	readonly gpus: readonly GpuPower[];
}

/** Why a look found nothing; the next one may. */
export interface LookFailure {
	readonly message: string;
}

/** Looks once. Ends early when the signal says so. */
export type PowerProbe = (signal: AbortSignal) => Promise<Result<PowerSight, LookFailure>>;

/**
 * Makes the probe of this machine. GPUs are asked through NVIDIA's own tool: of systeminformation's `graphics()` nothing but this
 * tool's answer is needed, and that call runs it in a way that halts the whole service while it runs, beside eight PowerShells
 * (Windows), `system_profiler` (macOS) or `lspci` and `clinfo` (Linux). Other makers' GPUs tell nothing there either.
 */
export function createPowerProbe(nvidiaToolPath = defaultNvidiaTool()): PowerProbe {
	let kind: Promise<ComputerKind> | null = null;
	return async (signal) => {
		kind ??= lookAtChassis();
		const [known, gpus] = await Promise.all([kind, askNvidia(nvidiaToolPath, signal)]);
		return gpus.ok ? ok({ kind: known, gpus: gpus.value }) : gpus;
	};
}

/** With its path on Windows: there a bare name is looked for in the working folder first, which may be anybody's. */
function defaultNvidiaTool(): string {
	if (process.platform !== "win32") return "nvidia-smi";
	return join(process.env.SystemRoot ?? "C:\\Windows", "System32", "nvidia-smi.exe");
}

function askNvidia(path: string, signal: AbortSignal): Promise<Result<readonly GpuPower[], LookFailure>> {
	const { promise, resolve } = Promise.withResolvers<Result<readonly GpuPower[], LookFailure>>();
	const query = ["--query-gpu=name,power.draw", "--format=csv,noheader,nounits"];
	execFile(path, query, { signal, killSignal: "SIGKILL", windowsHide: true }, (error, output) => {
		if (error === null) resolve(ok(parsePower(output)));
		else if (errorCode(error) === "ENOENT") resolve(ok([]));
		else resolve(err({ message: signal.aborted ? "nvidia-smi took too long" : firstLine(error.message) }));
	});
	return promise;
}

/** A line a GPU, e.g. `NVIDIA GeForce RTX 4090, 312.45`; some laptops' have no sensor and say `[N/A]`. */
function parsePower(output: string): readonly GpuPower[] {
	const gpus: GpuPower[] = [];
	for (const line of output.split("\n")) {
		const found = /^(.+), *(\d+(?:\.\d+)?)\s*$/.exec(line);
		if (found?.[1] !== undefined) gpus.push({ name: found[1].trim(), watts: Number(found[2]) });
	}
	return gpus;
}

function firstLine(text: string): string {
	return text.split("\n", 1)[0] ?? "";
}

/** Asked once, and loaded only then: a service that never works has no use for 10 MB of library. */
async function lookAtChassis(): Promise<ComputerKind> {
	const { chassis } = await import("systeminformation");
	return kindOf((await chassis()).type);
}

/** Reads the type of chassis that the firmware names. */
export function kindOf(chassisType: string): ComputerKind {
	if (/laptop|notebook|portable|tablet|convertible|detachable|hand held/i.test(chassisType)) return "laptop";
	if (/desktop|tower|all in one|mini pc|space-saving|pizza|lunch|sealed/i.test(chassisType)) return "desktop";
	return "unknown";
}
