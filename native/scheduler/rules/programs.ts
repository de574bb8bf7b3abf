/** Names of programs, and who of those on a GPU uses most of it. */
import type { Gpu, GpuProcess } from "../../contract/contract.ts";

/** A program's name as the rules compare it: lower case, without folder and `.exe`, however somebody typed it. */
export function programKey(name: string): string {
	return name
		.trim()
		.replace(/^.*[\\/]/, "")
		.replace(/\.exe$/i, "")
		.toLowerCase();
}

/** Several of them. */
export function programKeys(names: readonly string[]): ReadonlySet<string> {
	return new Set(names.map(programKey));
}

/** What a process uses of something; null: it can't be told. */
export type AmountOf = (process: GpuProcess) => number | null;

/** Others' use of a GPU without the programs that never stop batch work. */
export function othersUse(gpu: Gpu, others: number, amountOf: AmountOf, ignored: ReadonlySet<string>): number {
	const ignoredUse = (gpu.processes ?? [])
		.filter(({ isOurs, name }) => !isOurs && name !== null && ignored.has(programKey(name)))
		.reduce((sum, process) => sum + (amountOf(process) ?? 0), 0);
	return Math.max(others - ignoredUse, 0);
}

/** Whom to name for others' use. */
export interface Culprit {
	/** e.g. `Blender`, `Blender and others`, `another program`, `other programs`. */
	readonly name: string;
	/** What it uses, in the unit of the use. */
	readonly use: number;
	readonly isSeveral: boolean;
}

/** One program is named for its own use alone where it makes up at least so much of all of it. */
const MAIN_PART = 0.5;

/** The largest of the others on a GPU, or all of them where none stands out or can be seen. */
export function culpritOf(gpu: Gpu, others: number, amountOf: AmountOf, ignored: ReadonlySet<string>): Culprit {
	const foreign = (gpu.processes ?? [])
		.filter(({ isOurs, name }) => !isOurs && (name === null || !ignored.has(programKey(name))))
		.map((process) => ({ name: process.name, use: amountOf(process) ?? 0 }))
		.filter(({ use }) => use > 0)
		.sort((one, other) => other.use - one.use);
	const [largest] = foreign;
	if (largest === undefined) return { name: "another program", use: others, isSeveral: false };
	const name = largest.name ?? "another program";
	if (foreign.length === 1 || largest.use >= others * MAIN_PART) return { name, use: largest.use, isSeveral: false };
	return { name: largest.name === null ? "other programs" : `${name} and others`, use: others, isSeveral: true };
}
