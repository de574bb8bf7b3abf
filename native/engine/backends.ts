/**
 * Which ways of computing llama.cpp has on this computer, and why not the others. Owns the processes that find out. Must never
 * import node-llama-cpp: what a broken driver takes down is one of them.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { assertNever } from "../base/base.ts";
import { describeExit } from "./child.ts";
import {
	type BackendKind,
	backendKinds,
	isProbeAnswer,
	type ProbeAnswer,
	writeModules,
} from "./process/probe-answer.ts";
import type { PackModule } from "./process/protocol.ts";

/** A way of computing. */
export interface Backend {
	readonly name: "CUDA" | "Vulkan" | "Metal" | "CPU";
	/** `absent`: this computer has no binary or no driver for it; `fails`: it has both, and it does not load all the same. */
	readonly state: "loads" | "absent" | "fails";
	/** For people: what runs, or why not and what to do. */
	readonly detail: string;
	/** What it computes on; empty where it does not load. */
	readonly devices: readonly string[];
}

/** How backends are tried; the defaults are right but in tests. */
export interface ProbeOptions {
	/** The module that a process runs; gets the backend as its argument. */
	readonly entryPath?: string;
	readonly limitMs?: number;
	/** GPU packs that are to be used; by default none. */
	readonly packs?: readonly PackModule[];
}

/** A driver that has to wake its GPU takes seconds; one that takes longer than this hangs. */
const LONGEST_PROBE_MS = 20_000;
/** End of stderr kept for the reason of a crash: room for a native backtrace's top. */
const LAST_WORDS_LENGTH = 2_000;

/** The packages of node-llama-cpp bring no libraries of NVIDIA: `-cuda` wants version 13 of them, `-cuda-ext` version 12. */
export const CUDA_RUNTIME_ADVICE =
	"NVIDIA's CUDA libraries (cudart and cublas, version 13 or 12) come with its CUDA Toolkit, not with the driver: install it from https://developer.nvidia.com/cuda-downloads.";

const NAMES = { cuda: "CUDA", vulkan: "Vulkan", metal: "Metal", cpu: "CPU" } as const;
const DRIVERS = { cuda: "NVIDIA's driver", vulkan: "A Vulkan driver", metal: "macOS", cpu: "Nothing" } as const;

/** Tries all of them at once, each in a process that ends with it. In the order they are preferred. */
export function probeBackends(options: ProbeOptions = {}): Promise<readonly Backend[]> {
	return Promise.all(backendKinds.map((kind) => probeBackend(kind, options)));
}

/** Tries one. */
export async function probeBackend(kind: BackendKind, options: ProbeOptions = {}): Promise<Backend> {
	return describeBackend(kind, await ask(kind, options));
}

/** Puts an answer into words. Pure. */
export function describeBackend(kind: BackendKind, answer: ProbeAnswer): Backend {
	const name = NAMES[kind];
	switch (answer.kind) {
		case "loads":
			return { name, devices: answer.devices, ...describeDevices(answer.devices, answer.release) };
		case "no-binary":
			return { name, state: "absent", detail: `${describeAbsence(name, answer.packageName)}.`, devices: [] };
		case "no-driver": {
			const detail = `${DRIVERS[kind]} is not installed, or this computer has no GPU for it: ${answer.message}`;
			return { name, state: "absent", detail, devices: [] };
		}
		case "fails":
			return { name, state: "fails", detail: describeFailure(kind, answer.message), devices: [] };
		default:
			return assertNever(answer);
	}
}

function describeDevices(devices: readonly string[], release: string): Pick<Backend, "state" | "detail"> {
	if (devices.length === 0) return { state: "fails", detail: "It loads, but finds no device to compute on." };
	return { state: "loads", detail: `llama.cpp ${release} computes on ${devices.join(", ")}.` };
}

/** CUDA's own libraries, by the names that loaders complain with; Windows names only what wants them. */
const CUDA_RUNTIME = /cudart|cublas|specified module could not be found/i;

function describeFailure(kind: BackendKind, message: string): string {
	const said = `It does not load: ${message}`;
	if (kind !== "cuda" || !CUDA_RUNTIME.test(message)) return said;
	return `${said.replace(/[.\s]*$/, "")}. ${CUDA_RUNTIME_ADVICE}`;
}

function describeAbsence(name: string, packageName: string | null): string {
	const here = `${process.platform} on ${process.arch}`;
	if (packageName === null) return `There is no ${name} binary for ${here}`;
	if (packageName.endsWith("-cuda")) {
		return "It is not part of the program: on a computer with an NVIDIA GPU 'nightshift gpu install' fetches it";
	}
	return `The package ${packageName} is not installed: install Nightshift again without leaving out optional packages`;
}

function ask(
	kind: BackendKind,
	{ entryPath = probeEntryPath(), limitMs, packs = [] }: ProbeOptions,
): Promise<ProbeAnswer> {
	const longestMs = limitMs ?? LONGEST_PROBE_MS;
	return new Promise((resolve) => {
		const child = fork(entryPath, [kind, writeModules(packs)], {
			serialization: "advanced",
			stdio: ["ignore", "ignore", "pipe", "ipc"],
			execArgv: [],
		});
		let lastWords = "";
		// Killed in any case: what a driver leaves running in a process that is done is nobody's.
		const end = (answer: ProbeAnswer): void => {
			clearTimeout(timer);
			child.kill("SIGKILL");
			resolve(answer);
		};
		const timer = setTimeout(() => {
			end({ kind: "fails", message: `it did not answer within ${longestMs / 1000} seconds.` });
		}, longestMs);
		child.stderr?.on("data", (data: Buffer) => {
			lastWords = (lastWords + data.toString("utf8")).slice(-LAST_WORDS_LENGTH);
		});
		child.on("message", (message) => {
			if (isProbeAnswer(message)) end(message);
		});
		child.on("error", (error) => end({ kind: "fails", message: error.message }));
		child.on("close", (code, signal) => {
			end({ kind: "fails", message: describeExit(code, signal, lastWords).detail });
		});
	});
}

/** The entry beside this file, in the form this file itself has: source or compiled. */
function probeEntryPath(): string {
	const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
	return fileURLToPath(new URL(`./process/probe.${extension}`, import.meta.url));
}
