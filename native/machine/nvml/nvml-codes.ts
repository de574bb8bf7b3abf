/** What functions of NVIDIA's management library answer with. */
import { err, ok, type Result } from "../../base/base.ts";
import type { NativeFunction, NativeValue } from "../library.ts";

/** `nvmlReturn_t` of `nvml.h`, those that are told apart here. */
export const nvmlCode = {
	success: 0,
	uninitialized: 1,
	notSupported: 3,
	noPermission: 4,
	notFound: 6,
	insufficientSize: 7,
	driverNotLoaded: 9,
	timeout: 10,
	functionNotFound: 13,
	gpuIsLost: 15,
	resetRequired: 16,
	libraryVersionMismatch: 18,
	noData: 21,
	argumentVersionMismatch: 25,
	unknown: 999,
} as const;

/** What a function told, or its `nvmlReturn_t` where that is not success; of a function that is missing: `functionNotFound`. */
export type Answer<T> = Promise<Result<T, number>>;

/** `nvmlDevice_t`, a pointer. */
export type NvmlDevice = bigint;

/** Calls a function that answers `nvmlReturn_t`; null: this driver has none of that name. */
export async function invoke(found: NativeFunction | null, ...values: readonly NativeValue[]): Promise<number> {
	if (found === null) return nvmlCode.functionNotFound;
	const answer = await found.call(...values);
	return typeof answer === "number" ? answer : nvmlCode.unknown;
}

/** The answer of a function: what was read from memory, once it said success. */
export function answerOf<T>(code: number, read: () => T): Result<T, number> {
	return code === nvmlCode.success ? ok(read()) : err(code);
}
