/**
 * Opens system libraries and calls their functions. The only importer of koffi. What a library or a symbol is missing is a value,
 * never an exception: no computer has all of them.
 */
import { err, ok, type Result } from "../base/base.ts";
import type { SourceFault } from "./source.ts";

/** What goes in: structures and out parameters as the bytes they are in memory. */
export type NativeValue = number | bigint | string | boolean | Uint8Array | null;

/** What comes out; pointers are bigint. */
export type NativeResult = number | bigint | string | boolean | null | undefined;

/** A function of a library. */
export interface NativeFunction {
	/**
	 * Calls it on one of libuv's threads, so that a driver that hangs doesn't halt the service. There are few of those, and the
	 * process can't end before the call has: never begin another call into something that has not answered yet.
	 */
	call(...values: readonly NativeValue[]): Promise<NativeResult>;
	/** Calls it here and now: for what is known to answer at once, or must run on this thread. */
	callHere(...values: readonly NativeValue[]): NativeResult;
}

/** An open library. */
export interface Library {
	/** The file it was found as. */
	readonly name: string;
	/**
	 * A function by its C prototype in koffi's notation, e.g. `int nvmlInit_v2(void)`; pass buffers to `_Out_ void *` parameters.
	 * Null: this version of the library has none of that name.
	 */
	find(prototype: string): NativeFunction | null;
	/** Lets go of it. Its functions must not be called after, nor be running: that would crash the process. */
	close(): void;
}

type Koffi = typeof import("koffi").default;
type Handle = ReturnType<Koffi["load"]>;
type Found = ReturnType<Handle["func"]>;

/** Opens the first of some libraries that is there, by names the system's loader finds or by path. */
export async function openLibrary(names: readonly string[]): Promise<Result<Library, SourceFault>> {
	const koffi = await loadKoffi();
	if (!koffi.ok) return koffi;
	/** Names by what was said of them; mostly the same of all. */
	const problems = new Map<string, string[]>();
	for (const name of names) {
		try {
			return ok(wrap(name, koffi.value.load(name)));
		} catch (error) {
			const problem = messageOf(error).replace(/^Failed to load shared library: /, "");
			problems.set(problem, [...(problems.get(problem) ?? []), name]);
		}
	}
	const told = Array.from(problems, ([problem, failed]) => `${failed.join(", ")}: ${problem}`);
	return err({ kind: "absent", message: told.join("; ") });
}

/** Its part for this platform is a package of its own, which an installation may lack. Loaded only when something is opened. */
async function loadKoffi(): Promise<Result<Koffi, SourceFault>> {
	try {
		const { default: koffi } = await import("koffi");
		return ok(koffi);
	} catch (error) {
		return err({ kind: "absent", message: `system libraries can't be called here: ${messageOf(error)}` });
	}
}

function wrap(name: string, handle: Handle): Library {
	return {
		name,
		find(prototype) {
			try {
				return wrapFunction(handle.func(prototype));
			} catch (error) {
				// A prototype that can't be read is our mistake; a symbol that is not there is the library's age.
				if (/^Cannot find function/.test(messageOf(error))) return null;
				throw error;
			}
		},
		close: () => handle.unload(),
	};
}

/** What calls under way were given. koffi does not hold their buffers, so the collector could free what is being written to. */
const heldValues = new Set<readonly NativeValue[]>();

function wrapFunction(found: Found): NativeFunction {
	return {
		async call(...values) {
			heldValues.add(values);
			try {
				return await new Promise<NativeResult>((resolve, reject) => {
					found.async(...values, (error: unknown, result: NativeResult) =>
						error === null || error === undefined ? resolve(result) : reject(error),
					);
				});
			} finally {
				heldValues.delete(values);
			}
		},
		callHere: (...values): NativeResult => found(...values),
	};
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
