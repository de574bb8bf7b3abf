/** Libraries that stand in for a system's own, compiled by the test from C. Must never be imported by the product. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLibrary } from "./library.ts";
import type { Question } from "./source.ts";

/** Where a C compiler and the layouts of 64-bit Linux can be counted on; elsewhere the tests are left out. */
export const canStandIn = process.platform === "linux";

/** A compiled library. */
export interface StandIn {
	readonly path: string;
	/** Sets a whole number of its `int64_t stand_in[]`, which play the system's state. */
	set(index: number, value: number | bigint): void;
	/** Reads one. */
	get(index: number): number;
	/** Makes all of them 0. */
	clear(): void;
	remove(): void;
}

/** Compiles a file of C; it has `void stand_in_set(int, int64_t)`, `int64_t stand_in_get(int)` and `void stand_in_clear(void)`. */
export async function compileStandIn(sourcePath: string): Promise<StandIn> {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-stand-in-"));
	const path = join(folder, "stand-in.so");
	execFileSync("cc", ["-shared", "-fPIC", "-std=c11", "-Wall", "-Werror", "-o", path, sourcePath]);
	const opened = await openLibrary([path]);
	if (!opened.ok) throw new Error(opened.error.message);
	const set = opened.value.find("void stand_in_set(int index, int64_t value)");
	const get = opened.value.find("int64_t stand_in_get(int index)");
	const clear = opened.value.find("void stand_in_clear(void)");
	if (set === null || get === null || clear === null)
		throw new Error(`${sourcePath} lacks stand_in_set, _get or _clear`);
	return {
		path,
		set: (index, value) => void set.callHere(index, value),
		get: (index) => Number(get.callHere(index)),
		clear: () => void clear.callHere(),
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
}

/** A library whose state goes by names. */
export interface NamedStandIn {
	readonly path: string;
	/** Sets what it answers, by the names given when it was compiled. */
	set(state: Readonly<Record<string, number | bigint>>): void;
	get(name: string): number;
	readonly whole: StandIn;
}

/** Compiles a file of C as `compileStandIn` does; `names` are the places of its `stand_in[]`, in its order. */
export async function compileNamedStandIn(sourcePath: string, names: readonly string[]): Promise<NamedStandIn> {
	const whole = await compileStandIn(sourcePath);
	const place = (name: string): number => {
		const index = names.indexOf(name);
		if (index < 0) throw new Error(`${sourcePath} has no ${name}`);
		return index;
	};
	return {
		path: whole.path,
		set(state) {
			for (const [name, value] of Object.entries(state)) whole.set(place(name), value);
		},
		get: (name) => whole.get(place(name)),
		whole,
	};
}

/** What a look is asked for in tests. */
export function question(changes: Partial<Question> = {}): Question {
	return { ownProcessIds: [], inferenceProcessIds: [], programs: [], signal: AbortSignal.timeout(30_000), ...changes };
}
