/**
 * What NVIDIA's driver tells through its management library (NVML): GPUs and the processes on them. Owns the connection to the
 * driver: it opens it at the first look, and again where it broke. Must never end or change anything on a GPU.
 *
 * `nvml-calls.ts` and `nvml-lists.ts` have the library's functions, `nvml-session.ts` the connection, `nvml-gpu.ts` one look at a
 * GPU, `gpu-users.ts` who uses it, `nvml-faults.ts` what a broken driver says. `stand-in.c` plays the library in tests.
 */
import { join } from "node:path";
import { type Clock, err, ok, type Result, systemClock } from "../../base/base.ts";
import type { Question, SeenGpu, Sight, Source, SourceFault } from "../source.ts";
import { nvmlCode } from "./nvml-codes.ts";
import { explain } from "./nvml-faults.ts";
import { readGpu } from "./nvml-gpu.ts";
import { type NvmlSession, openSession } from "./nvml-session.ts";

/** Opening takes the driver some 20 ms of processor time; at this pace a broken one costs no more than a sound one. */
const REOPEN_EVERY_MS = 10_000;
/** While other GPUs answer, a lost one is looked for this often: they tell nothing of their use at the look that follows. */
const SEEK_LOST_EVERY_MS = 5 * 60_000;

/** What may be given to it. */
export interface NvmlSourceOptions {
	/** Names or paths of the library, the first that is there counts; default: where this system's driver has it. */
	readonly libraryNames?: readonly string[];
	readonly clock?: Clock;
}

/** Makes the source. A GPU that broke is left out while others answer. */
export function createNvmlSource(options: NvmlSourceOptions = {}): Source {
	const { libraryNames = usualLibraryNames(process.platform, process.env), clock = systemClock } = options;
	let session: NvmlSession | null = null;
	let driverVersion: string | null = null;
	/** Why there is no session, once there was or could have been one. */
	let lastFault: SourceFault | null = null;
	let openedAtMs = 0;
	let hasAnswered = false;
	let isLooking = false;
	let isStopped = false;

	async function open(): Promise<Result<NvmlSession, SourceFault>> {
		if (lastFault !== null && clock.monotonicMs() < openedAtMs + REOPEN_EVERY_MS) return err(lastFault);
		openedAtMs = clock.monotonicMs();
		const opened = await openSession(libraryNames);
		if (opened.ok) {
			({ driverVersion } = opened.value);
			lastFault = null;
			hasAnswered = true;
			return opened;
		}
		// A driver that is being updated is away for a while; what has answered once is asked again soon.
		lastFault = hasAnswered ? { ...opened.error, kind: "failed" } : opened.error;
		return err(lastFault);
	}

	async function drop(fault: SourceFault): Promise<void> {
		lastFault = fault;
		const dropped = session;
		session = null;
		await dropped?.close();
	}

	async function look(signal: AbortSignal): Promise<Result<Sight, SourceFault>> {
		if (session === null) {
			const opened = await open();
			if (!opened.ok) return opened;
			session = opened.value;
		}
		const { gpus, code } = await readGpus(session, signal);
		if (code === null) return ok({ gpus });
		const fault: SourceFault = { kind: "failed", message: await explain(code, session.calls) };
		const isWorthIt = gpus.length === 0 || clock.monotonicMs() >= openedAtMs + SEEK_LOST_EVERY_MS;
		// A slow driver needs no new connection.
		if (isWorthIt && code !== nvmlCode.timeout) await drop(fault);
		return gpus.length === 0 ? err(fault) : ok({ gpus });
	}

	return {
		name: "NVML",
		get tells() {
			return `NVIDIA GPUs and the processes on them${driverVersion === null ? "" : ` (driver ${driverVersion})`}`;
		},
		async look({ signal }: Question) {
			if (isStopped) return err({ kind: "failed", message: "looking has ended" });
			if (isLooking) return err({ kind: "failed", message: "the last look has not ended" });
			isLooking = true;
			try {
				return await look(signal);
			} finally {
				isLooking = false;
				if (isStopped) await closeNow();
			}
		},
		/** Does not wait for a look that hangs: the look closes the library when it comes back. */
		async stop() {
			isStopped = true;
			if (!isLooking) await closeNow();
		},
	};

	async function closeNow(): Promise<void> {
		const closing = session;
		session = null;
		await closing?.close();
	}
}

/** The GPUs that answer, and what the first of the others answered; null: there is none. */
async function readGpus(session: NvmlSession, signal: AbortSignal) {
	const gpus: SeenGpu[] = [];
	let code = session.missingCode;
	for (const gpu of session.gpus) {
		const seen = await readGpu(session.calls, gpu, signal);
		if (seen.ok) gpus.push(seen.value);
		else code ??= seen.error;
	}
	return { gpus, code };
}

/** Where drivers put the library: in the loader's own folders, but for WSL and NixOS, which may leave theirs out of these. */
export function usualLibraryNames(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): readonly string[] {
	switch (platform) {
		case "linux":
			return ["libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1", "/run/opengl-driver/lib/libnvidia-ml.so.1"];
		case "win32":
			// With their paths: a bare name is looked for in the working folder too, which may be anybody's.
			return [
				join(environment.SystemRoot ?? "C:\\Windows", "System32", "nvml.dll"),
				join(environment.ProgramW6432 ?? "C:\\Program Files", "NVIDIA Corporation", "NVSMI", "nvml.dll"),
			];
		default:
			return [];
	}
}
