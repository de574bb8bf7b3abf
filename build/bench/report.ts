/**
 * What the benches share: a table on the terminal, a JSON file, and the facts of the machine without which a figure says
 * nothing. Must never measure anything itself.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";
import { dirname } from "node:path";
import type { Log } from "../../native/base/base.ts";

/** One cell: numbers are printed with thousands separators and aligned right. */
export type Cell = string | number | null;

/** What the figures were measured on. */
export interface MachineFacts {
	readonly cpu: string;
	/** Hardware threads the process sees. */
	readonly threads: number;
	readonly memoryBytes: number;
	/** e.g. `linux 6.1.0 x64`. */
	readonly system: string;
	readonly node: string;
	/** ISO 8601. */
	readonly measuredAt: string;
}

/** What goes wrong in the engine belongs beside the figures; the rest does not. */
export const problemsLog: Log = {
	debug() {},
	info() {},
	warn: (fields, message) => say(`engine: ${message} ${JSON.stringify(fields)}`),
	error: (fields, message) => say(`engine: ${message} ${JSON.stringify(fields)}`),
};

/** Tells people how the bench gets on, apart from its tables. */
export function say(text: string): void {
	process.stderr.write(`${text}\n`);
}

/** Above this, other work takes a fifth of a core or more and the figures are not worth comparing. */
const quietLoad = 0.2;

/** Says so when the machine is not quiet. */
export function warnIfBusy(): void {
	const load = loadavg()[0] ?? 0;
	if (load > quietLoad)
		say(`Other work is running (load ${load.toFixed(2)}): expect noise, and run it again when it is quiet.`);
}

/** Facts of this machine, now. */
export function machineFacts(): MachineFacts {
	const processors = cpus();
	return {
		cpu: processors[0]?.model.trim() ?? "unknown",
		threads: processors.length,
		memoryBytes: totalmem(),
		system: `${platform()} ${release()} ${arch()}`,
		node: process.versions.node,
		measuredAt: new Date().toISOString(),
	};
}

/** Lays a table out as text: columns as wide as their widest cell, numbers to the right. */
export function formatTable(title: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
	const texts = rows.map((row) => columns.map((_, index) => cellText(row[index] ?? null)));
	const widths = columns.map((name, index) => Math.max(name.length, ...texts.map((row) => row[index]?.length ?? 0)));
	const isNumeric = columns.map((_, index) => rows.every((row) => typeof (row[index] ?? 0) === "number"));
	const line = (cells: readonly string[]): string =>
		cells
			.map((text, index) => {
				const width = widths[index] ?? 0;
				return isNumeric[index] === true ? text.padStart(width) : text.padEnd(width);
			})
			.join("  ")
			.trimEnd();
	const rule = widths.map((width) => "-".repeat(width)).join("  ");
	return [title, line(columns), rule, ...texts.map(line), ""].join("\n");
}

/** Prints `formatTable` to standard output. */
export function printTable(title: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): void {
	process.stdout.write(`${formatTable(title, columns, rows)}\n`);
}

/** Writes `{ machine, ...report }` as indented JSON, making the folder where needed. */
export function writeReport(path: string, report: object): void {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, `${JSON.stringify({ machine: machineFacts(), ...report }, null, "\t")}\n`);
}

/** Value of `--name VALUE` among the arguments; null: not given. */
export function option(name: string, args: readonly string[] = process.argv.slice(2)): string | null {
	const index = args.indexOf(`--${name}`);
	return index < 0 ? null : (args[index + 1] ?? null);
}

function cellText(cell: Cell): string {
	if (cell === null) return "-";
	if (typeof cell === "string") return cell;
	return cell.toLocaleString("en-US", { maximumFractionDigits: Math.abs(cell) < 100 ? 2 : 0 });
}
