/**
 * The service as the child of a desktop shell: starts at once, says on the fork's channel that it is ready or why not, and ends when the
 * shell says so or is gone. Owns that conversation; must never do what the service does, and never print the token.
 */
import { parseArgs } from "node:util";
import { defaultPort } from "./api/server.ts";
import { assertNever } from "./base/base.ts";
import { version } from "./cli/version.ts";
import { type ServiceFailureKind, type ServiceMessage, shellMessageSchema } from "./contract/contract.ts";
import { defaultDataDir } from "./locations/locations.ts";
import { type ServiceOptions, type StartFailure, startService } from "./service.ts";

/** Exit codes; a shell that gets none of its messages goes by them. */
const exitCodes = { done: 0, failed: 1, stuck: 70 } as const;

/**
 * Longest end in good order: requests that run have five seconds, a model's process ends in one. What takes longer hangs, and killing
 * loses nothing.
 */
const STOP_LIMIT_MS = 15_000;

/** Levels of the log, the most talkative first. */
const logLevels = ["debug", "info", "warn", "error"] as const;

/** Runs the service until its shell wants it to end; answers the exit code. `words` are those after the entry's own path. */
export async function runUnderShell(words: readonly string[]): Promise<number> {
	if (process.send === undefined) {
		process.stderr.write(
			"This is how the desktop app starts its service; to run it without the app, use 'nightshift serve'.\n",
		);
		return exitCodes.failed;
	}
	// Before anything else: a shell that ends while its service starts must not leave it behind.
	const ending = shellsEnd();
	const started = await startService(readOptions(words, process.env));
	if (!started.ok) {
		await tell({ kind: "failed", failure: failureKind(started.error), message: started.error.message });
		hangUp();
		return exitCodes.failed;
	}
	const { server, locations, stop } = started.value;
	if (server === null) throw new Error("The service was started without a server, though it was given a port.");
	const { url, token } = server;
	await tell({ kind: "ready", url, token, version: version(), dataDir: locations.dataDir, logPath: locations.logPath });
	await ending;
	setTimeout(() => process.exit(exitCodes.stuck), STOP_LIMIT_MS).unref();
	await stop();
	hangUp();
	return exitCodes.done;
}

/** What the shell chose: a folder and a port where they are not the usual ones; the rest is for tests. */
function readOptions(words: readonly string[], environment: NodeJS.ProcessEnv): ServiceOptions {
	const { values } = parseArgs({
		args: [...words],
		options: {
			"data-dir": { type: "string" },
			port: { type: "string" },
			"log-level": { type: "string" },
			"no-gpu": { type: "boolean", default: false },
		},
	});
	const asked = values["log-level"] ?? environment.NIGHTSHIFT_LOG;
	return {
		dataDir: values["data-dir"] ?? defaultDataDir(environment, process.platform),
		port: values.port === undefined ? defaultPort : Number(values.port),
		// A word in the environment that is none is no reason not to start.
		logLevel: logLevels.find((level) => level === asked) ?? "info",
		gpu: !values["no-gpu"],
		model: null,
		lanes: null,
		threads: null,
		startJobs: true,
		conduct: "scheduled",
		version: version(),
		keptAwakeBy: (isWanted) => void tell({ kind: "keep-awake", isWanted }),
	};
}

/** Resolves when the shell says stop, when it is gone, or at a signal; a second signal ends the process at once, which loses nothing. */
function shellsEnd(): Promise<void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	process.once("disconnect", () => resolve());
	// It may be gone since before anybody listened.
	if (!process.connected) resolve();
	process.on("message", (message) => {
		const said = shellMessageSchema.safeParse(message);
		// Words of a newer shell than this service are not for it.
		if (!said.success) return;
		switch (said.data.kind) {
			case "stop":
				resolve();
				break;
			default:
				assertNever(said.data.kind);
		}
	});
	let isSignalled = false;
	for (const signal of ["SIGINT", "SIGTERM"] as const) {
		process.on(signal, () => {
			if (isSignalled) process.exit(exitCodes.stuck);
			isSignalled = true;
			resolve();
		});
	}
	return promise;
}

/** Tells the shell. Resolves when it is on its way, or nobody is there any more. */
function tell(message: ServiceMessage): Promise<void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	if (process.connected !== true || process.send === undefined) return Promise.resolve();
	// An error means that the shell went away this moment; `disconnect` says the same.
	process.send(message, undefined, undefined, () => resolve());
	return promise;
}

/** Lets go of the channel, which keeps this process alive. */
function hangUp(): void {
	if (process.connected) process.disconnect();
}

/** What a shell makes of a failure: whether trying again is of use. */
function failureKind({ kind }: StartFailure): ServiceFailureKind {
	switch (kind) {
		case "in-use":
			return "data-folder-in-use";
		case "newer-schema":
		case "damaged":
		case "unwritable":
			return "data-folder-unusable";
		case "model-not-found":
		case "token-not-written":
			return "transient";
		default:
			return assertNever(kind);
	}
}
