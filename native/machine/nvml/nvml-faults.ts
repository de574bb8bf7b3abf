/** What codes of NVIDIA's management library mean for looking at a GPU, and what to do about them in words. */
import type { NvmlCalls } from "./nvml-calls.ts";
import { nvmlCode } from "./nvml-codes.ts";

/** `never`: this GPU or driver does not tell that. `now`: not this time. `lost`: whoever answers so tells nothing any more. */
export type Weight = "never" | "now" | "lost";

/** How much a code means. */
export function weigh(code: number): Weight {
	switch (code) {
		case nvmlCode.notSupported:
		case nvmlCode.functionNotFound:
		case nvmlCode.argumentVersionMismatch:
			return "never";
		case nvmlCode.uninitialized:
		case nvmlCode.driverNotLoaded:
		case nvmlCode.gpuIsLost:
		case nvmlCode.resetRequired:
		case nvmlCode.libraryVersionMismatch:
			return "lost";
		default:
			return "now";
	}
}

/** What is wrong, and how to mend it. */
export async function explain(code: number, calls: NvmlCalls): Promise<string> {
	switch (code) {
		case nvmlCode.uninitialized:
			return "NVIDIA's driver has dropped the connection; it is opened anew";
		case nvmlCode.noPermission:
			return "NVIDIA's driver may not be asked by this user: give it access to /dev/nvidiactl and /dev/nvidia0 (often: the group video)";
		case nvmlCode.driverNotLoaded:
			return "NVIDIA's driver is installed but not loaded: restart the computer, or load it (on Linux: sudo modprobe nvidia)";
		case nvmlCode.timeout:
			return "NVIDIA's driver took too long to answer; if that goes on, restart the computer";
		case nvmlCode.gpuIsLost:
			return "a GPU no longer answers NVIDIA's driver: restart the computer; if it happens again, check the GPU's power, seat and heat";
		case nvmlCode.resetRequired:
			return "a GPU must be reset before it works again: restart the computer";
		case nvmlCode.libraryVersionMismatch:
			return "NVIDIA's driver was updated while the old one is still running: restart the computer";
		case nvmlCode.functionNotFound:
			return "NVIDIA's driver is too old to be asked: update it to version 450 or newer";
		default:
			return `NVIDIA's driver answers "${(await calls.describe(code)) ?? "an unknown error"}" (${code}); if that goes on, restart the computer`;
	}
}
