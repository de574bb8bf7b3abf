/** Which computer a pack is for, and what else it needs there. Pure but for a look for libraries. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../../base/base.ts";
import type { MachineSnapshot } from "../../contract/contract.ts";
import { CUDA_RUNTIME_ADVICE } from "../backends.ts";

/** Versions of NVIDIA's libraries that some part of the pack is linked with: `-cuda` with 13, `-cuda-ext` with 12 (their ELF headers). */
const RUNTIMES: readonly number[] = [12, 13];

/** The GPUs that a pack makes faster, by name. */
export function gpusFor({ gpus }: Pick<MachineSnapshot, "gpus">): readonly string[] {
	return gpus.filter(({ vendor }) => vendor === "nvidia").map(({ name }) => name);
}

/** What a computer with such a GPU lacks for it, in words; null: nothing that can be seen from here. */
export function needsOf({ sources }: Pick<MachineSnapshot, "sources">, runtimes: readonly number[]): string | null {
	// NVML is part of NVIDIA's driver on every system.
	if (sources.some(({ name, state }) => name === "NVML" && state === "absent")) {
		return "NVIDIA's own driver is not installed: install it, then fetch the pack.";
	}
	return runtimes.some((version) => RUNTIMES.includes(version)) ? null : CUDA_RUNTIME_ADVICE;
}

/** Major versions of NVIDIA's CUDA libraries in the folders where installers put them; the same places node-llama-cpp looks at. */
export function findCudaRuntimes(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): readonly number[] {
	const names = libraryFolders(environment, platform).flatMap(listNames);
	const versions = (library: string) => {
		const pattern = new RegExp(`^(?:lib)?${library}(?:\\.so\\.|64_)(\\d+)`, "i");
		return names.flatMap((name) => Number(pattern.exec(name)?.[1] ?? 0)).filter((version) => version > 0);
	};
	const blas = new Set(versions("cublas"));
	return [...new Set(versions("cudart"))].filter((version) => blas.has(version)).sort((one, other) => one - other);
}

function libraryFolders(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): readonly string[] {
	const chosen = environment.CUDA_PATH ? [environment.CUDA_PATH] : [];
	if (platform === "win32") {
		const toolkits = join(environment.ProgramFiles ?? "C:\\Program Files", "NVIDIA GPU Computing Toolkit", "CUDA");
		const homes = [...chosen, ...listNames(toolkits).map((name) => join(toolkits, name))];
		const onPath = (environment.PATH ?? environment.Path ?? "").split(";").filter((folder) => folder !== "");
		// Since version 13 they lie one folder deeper.
		return [...onPath, ...homes.flatMap((home) => [join(home, "bin"), join(home, "bin", "x64")])];
	}
	const local = listNames("/usr/local").filter((name) => /^cuda(-|$)/.test(name));
	const homes = [...chosen, ...local.map((name) => join("/usr/local", name)), "/opt/cuda"];
	return [
		...(environment.LD_LIBRARY_PATH ?? "").split(":").filter((folder) => folder !== ""),
		...["/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib/wsl/lib"],
		...homes.flatMap((home) => [join(home, "lib64"), join(home, "targets", "x86_64-linux", "lib")]),
	];
}

/** What can't be listed has nothing to offer. */
function listNames(folder: string): readonly string[] {
	try {
		return readdirSync(folder);
	} catch (error) {
		if (errorCode(error) === "") throw error;
		return [];
	}
}
