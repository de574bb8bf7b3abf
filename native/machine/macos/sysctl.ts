/** The kernel's values by name. */
import type { Need } from "../native-source.ts";
import type { MacosLibraries } from "./libraries.ts";

/** Reads a whole number; null: this kernel has none of that name. */
export type Sysctl = (name: string) => number | null;

const LARGEST_BYTES = 8;

/**
 * Takes the function. From sys/sysctl.h:
 *
 *     int sysctlbyname(const char *name, void *oldp, size_t *oldlenp, void *newp, size_t newlen);
 */
export async function needSysctl(need: Need, { system }: MacosLibraries): Promise<Sysctl> {
	const byName = await need(
		system,
		"int sysctlbyname(const char *name, void *oldp, void *oldlenp, void *newp, size_t newlen)",
	);
	return (name) => {
		const value = Buffer.alloc(LARGEST_BYTES);
		const size = Buffer.alloc(8);
		size.writeBigUInt64LE(BigInt(LARGEST_BYTES));
		if (byName.callHere(name, value, size, null, 0) !== 0) return null;
		switch (size.readBigUInt64LE()) {
			case 4n:
				return value.readInt32LE();
			case 8n:
				return Number(value.readBigInt64LE());
			default:
				return null;
		}
	};
}
