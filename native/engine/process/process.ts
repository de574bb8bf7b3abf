/**
 * Entry of the inference process. Owns the wire to the service and the process's own end: it goes when its parent goes, and
 * it goes at once when anything native or unforeseen fails, because starting again is how it recovers.
 */
import { systemClock } from "../../base/base.ts";
import { createHost } from "./host.ts";
import { type FromProcess, isToProcess } from "./protocol.ts";

/** Exit code of a process that gave itself up; any other than 0 would do (sysexits' EX_SOFTWARE). */
const FAULT_EXIT_CODE = 70;

function giveUp(error: unknown): never {
	process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
	process.exit(FAULT_EXIT_CODE);
}

function send(message: FromProcess): void {
	process.send?.(message);
}

process.on("uncaughtException", giveUp);
process.on("unhandledRejection", giveUp);
process.on("disconnect", () => process.exit(0));
// Ctrl-C and a system's shutdown reach the whole process group: the service decides when this process ends, and its lines with it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});

const host = createHost({ clock: systemClock, send, onFault: giveUp });
process.on("message", (message) => {
	if (isToProcess(message)) host.receive(message);
});
