import type { StartFailure } from "../service.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

/** Prints why the service did not start and answers the exit code for it. */
export function reportStartFailure(failure: StartFailure): ExitCode {
	process.stderr.write(`nightshift: ${failure.message}\n`);
	return failure.kind === "model-not-found" ? exitCodes.badInput : exitCodes.broken;
}

/**
 * Calls `onFirst` at the first Ctrl-C or SIGTERM; a second one ends the process at once, which loses nothing either. Answers a
 * function that ends the watching.
 */
export function onInterrupt(onFirst: () => void): () => void {
	let seen = false;
	const listener = () => {
		if (seen) process.exit(exitCodes.interrupted);
		seen = true;
		onFirst();
	};
	process.on("SIGINT", listener);
	process.on("SIGTERM", listener);
	return () => {
		process.off("SIGINT", listener);
		process.off("SIGTERM", listener);
	};
}
