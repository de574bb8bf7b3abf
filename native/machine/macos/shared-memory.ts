/** How much of its memory a Mac lets the GPU have. */
import type { Sysctl } from "./sysctl.ts";

const MEGABYTE = 1024 * 1024;
/** From this much memory on Metal gives three quarters of it instead of two thirds. */
const LARGE_MEMORY_BYTES = 36 * 1024 ** 3;

/**
 * What Metal recommends as the most that a program gives the GPU of memory it shares (`recommendedMaxWorkingSetSize`, which only
 * Objective-C can ask). The owner can set another limit. The parts are what Macs answer and in no documentation; newer systems
 * let it have up to a sixth more, and too little is the safe side.
 */
export function sharedTotalBytes(sysctl: Sysctl): number | null {
	const limitMegabytes = sysctl("iogpu.wired_limit_mb");
	if (limitMegabytes !== null && limitMegabytes > 0) return limitMegabytes * MEGABYTE;
	const memoryBytes = sysctl("hw.memsize");
	if (memoryBytes === null) return null;
	return Math.floor(memoryBytes >= LARGE_MEMORY_BYTES ? (memoryBytes * 3) / 4 : (memoryBytes * 2) / 3);
}
