/** Windows' way with text, numbers and memory: UTF-16, two halves of a 64-bit number, blocks that the system allocates. */
import type { NativeFunction, NativeResult, NativeValue } from "../library.ts";
import type { Need } from "../native-source.ts";

/** Functions of kernel32 for memory outside JavaScript's: what a system's structure points to must stay where it is. */
export interface NativeMemory {
	/** Runs something with a block of so many bytes, zeroed; null: there is no memory. The block is gone afterwards. */
	with<Value>(sizeBytes: number, use: (address: bigint) => Promise<Value>): Promise<Value | null>;
	/** Copies what lies there. */
	read(address: bigint, sizeBytes: number): Buffer;
	write(address: bigint, bytes: Uint8Array): void;
}

/** `LMEM_ZEROINIT` of winbase.h: fixed, and zeroed. */
const ZEROED = 0x0040;

/**
 * Takes them. From learn.microsoft.com, "LocalAlloc", "LocalFree" (winbase.h) and "RtlMoveMemory" (wdm.h; kernel32 exports it):
 *
 *     HLOCAL LocalAlloc(UINT uFlags, SIZE_T uBytes);
 *     HLOCAL LocalFree(HLOCAL hMem);
 *     VOID RtlMoveMemory(VOID *Destination, CONST VOID *Source, SIZE_T Length);
 */
export async function needMemory(need: Need, kernel32: string): Promise<NativeMemory> {
	const allocate = await need(kernel32, "void *LocalAlloc(uint32_t uFlags, size_t uBytes)");
	const free = await need(kernel32, "void *LocalFree(void *hMem)");
	const move = await need(kernel32, "void RtlMoveMemory(void *Destination, const void *Source, size_t Length)");
	return {
		async with(sizeBytes, use) {
			const address = pointerOf(allocate.callHere(ZEROED, sizeBytes));
			if (address === null) return null;
			try {
				return await use(address);
			} finally {
				free.callHere(address);
			}
		},
		read(address, sizeBytes) {
			const bytes = Buffer.alloc(sizeBytes);
			move.callHere(bytes, address, sizeBytes);
			return bytes;
		},
		write: (address, bytes) => void move.callHere(address, bytes, bytes.length),
	};
}

/** A pointer or handle that a function answered; null: NULL. */
export function pointerOf(result: NativeResult): bigint | null {
	return typeof result === "bigint" && result !== 0n ? result : null;
}

/** A `BOOL`: anything but 0 is true. */
export function isTrue(result: NativeResult): boolean {
	return typeof result === "number" && result !== 0;
}

/** A call that answers a `BOOL`, on a thread of its own. */
export async function succeeds(call: NativeFunction, ...values: readonly NativeValue[]): Promise<boolean> {
	return isTrue(await call.call(...values));
}

/** Text for a `LPCWSTR` parameter: UTF-16LE and a NUL. */
export function wide(text: string): Buffer {
	return Buffer.from(`${text}\0`, "utf16le");
}

/** Text of WCHARs up to the first NUL or the end of the bytes. */
export function textOf(bytes: Buffer): string {
	const text = bytes.toString("utf16le");
	const end = text.indexOf("\0");
	return end === -1 ? text : text.slice(0, end);
}

const FILETIME_TICKS_PER_MILLISECOND = 10_000;
/** From 1601, where FILETIME begins, to 1970. */
const FILETIME_EPOCH_MS = 11_644_473_600_000;

/** A `FILETIME` that is a duration (two DWORDs, the low one first; units of 100 ns), as milliseconds. */
export function durationMsAt(bytes: Buffer, offset: number): number {
	return Number(bytes.readBigUInt64LE(offset)) / FILETIME_TICKS_PER_MILLISECOND;
}

/** A moment as a `FILETIME`, which is since 1601 in UTC. */
export function fileTimeOf(atMs: number): bigint {
	return BigInt(Math.round(atMs + FILETIME_EPOCH_MS)) * BigInt(FILETIME_TICKS_PER_MILLISECOND);
}
