/** How much of the computer's memory a model may still take. Owns the account. GPU memory is node-llama-cpp's own matter. */
import { readFile } from "node:fs/promises";
import { InsufficientMemoryError } from "node-llama-cpp";

/** Memory for lanes, handed out piece by piece: what was promised is not yet missing from what the system calls free. */
export interface Room {
	/** Bytes that may still be taken. */
	readonly freeBytes: number;
	/** Throws InsufficientMemoryError where `bytes` are more than may be taken. */
	check(bytes: number): void;
	take(bytes: number): void;
}

/**
 * Share of the free memory lanes may take. The system grants more than there is and takes it back by killing, and the model's
 * weights and the computation want their part.
 */
const MEMORY_SHARE = 0.7;

/** Room in what is free now, for a model that has the memory for itself. */
export function createRoom(): Room {
	return roomOf(process.availableMemory() * MEMORY_SHARE);
}

/**
 * Room beside another model. Its weights are a mapped file, which the system calls free because it could drop it; so could
 * ours, so that room for `weightsBytes` is kept too. Throws InsufficientMemoryError where the weights alone do not fit.
 */
export async function createRoomBeside(weightsBytes: number): Promise<Room> {
	const free = Math.min(process.availableMemory(), (await unmappedBytes()) ?? Number.POSITIVE_INFINITY);
	const room = roomOf(free * MEMORY_SHARE);
	room.check(weightsBytes);
	room.take(weightsBytes);
	return room;
}

function roomOf(totalBytes: number): Room {
	let freeBytes = totalBytes;
	return {
		get freeBytes() {
			return freeBytes;
		},
		check(bytes) {
			if (bytes <= freeBytes) return;
			const [need, have] = [bytes, Math.max(0, freeBytes)].map((amount) => `${Math.ceil(amount / 2 ** 20)} MiB`);
			throw new InsufficientMemoryError(`${need} of memory are needed and ${have} are free for it`);
		},
		take(bytes) {
			freeBytes -= bytes;
		},
	};
}

/** What is free and in no program's use as a mapped file; null where the system does not tell (only Linux does). */
async function unmappedBytes(): Promise<number | null> {
	if (process.platform !== "linux") return null;
	return parseUnmappedBytes(await readFile("/proc/meminfo", "utf8"));
}

/** Reads it from the text of /proc/meminfo (proc(5)); null where a figure is missing. */
export function parseUnmappedBytes(text: string): number | null {
	const [available, mapped] = ["MemAvailable", "Mapped"].map((name) => {
		const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
		return kibibytes === undefined ? null : Number(kibibytes) * 1_024;
	});
	return available == null || mapped == null ? null : available - mapped;
}
