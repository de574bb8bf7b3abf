/** A fault of a file as both the ledger and the wire have it. */
export interface ShownFault {
	readonly code: string;
	readonly message: string;
	readonly param: string | null;
	readonly line: number | null;
}

/** Prints faults of a file, one a line, the way compilers do: editors jump to them. */
export function reportFaults(path: string, faults: readonly ShownFault[]): void {
	for (const { code, message, param, line } of faults) {
		const place = line === null ? path : `${path}:${line}`;
		const field = param === null ? "" : ` ${param}:`;
		process.stderr.write(`${place}:${field} ${message} (${code})\n`);
	}
}

/** True: nothing is wrong with the file, its model could not be loaded. */
export function wasModelAtFault(faults: readonly ShownFault[]): boolean {
	return faults.length > 0 && faults.every(({ code }) => code === "model_load_failed");
}
