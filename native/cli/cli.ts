/**
 * The headless face of Nightshift: commands, their options and their words. Owns what is printed and the exit code; must never
 * do the work itself (the service does).
 */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { defaultDataDir } from "../locations/locations.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { addKeyCommand, listKeysCommand, revokeKeyCommand } from "./keys-command.ts";
import { rebuildCommand, verifyCommand } from "./ledger-commands.ts";
import { modelsCommand } from "./models-command.ts";
import { runCommand } from "./run-command.ts";
import { serveCommand } from "./serve-command.ts";
import { statusCommand } from "./status-command.ts";
import { version } from "./version.ts";

/** Default port: 22007, 22 h a day of idle GPU. */
const DEFAULT_PORT = 22_007;
/** More lanes than any machine profits from; keeps a typing error from asking for gigabytes. */
const MOST_LANES = 256;

/** Parses the command line, runs the command and answers its exit code. */
export async function runCli(argv: readonly string[]): Promise<ExitCode> {
	let exitCode: ExitCode = exitCodes.done;
	const program = describeProgram((code) => {
		exitCode = code;
	});
	try {
		await program.parseAsync([...argv]);
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
	}
	return exitCode;
}

function describeProgram(end: (code: ExitCode) => void): Command {
	const program = new Command("nightshift")
		.description("Works through OpenAI batch files at night on the machines you already own.")
		.version(version())
		.option("--data-dir <folder>", "where ledger, models and logs live", defaultDataDir(process.env, process.platform))
		.option(
			"--log-level <level>",
			"what goes into nightshift.log: debug, info, warn or error",
			logLevel,
			logLevelDefault(),
		)
		.option("--no-gpu", "keep the model off the GPU")
		.exitOverride();
	const globals = () => program.opts<GlobalOptions>();

	program
		.command("run")
		.description("do a whole batch file here and now; the same command again goes on where it stopped")
		.argument("<file>", "OpenAI batch JSONL")
		.option("-m, --model <path-or-name>", "answer every line with this model, whatever model it names")
		.option("-o, --output <file>", "where the results go; errors go beside it", "results.jsonl")
		.option("-l, --lanes <n>", "lines worked on at once (default: measured)", count(1, MOST_LANES))
		.option("-t, --threads <n>", "CPU threads (default: one a core)", count(1, 1_024))
		.action(async (file: string, options) => end(await runCommand(file, { ...globals(), ...options })));
	program
		.command("serve")
		.description("OpenAI's Files and Batches API on this machine")
		.option("-p, --port <n>", "port on 127.0.0.1", count(0, 65_535), DEFAULT_PORT)
		.option("-m, --model <path-or-name>", "answer every line with this model, whatever model it names")
		.option("-l, --lanes <n>", "lines worked on at once (default: measured)", count(1, MOST_LANES))
		.option("-t, --threads <n>", "CPU threads (default: one a core)", count(1, 1_024))
		.action(async (options) => end(await serveCommand({ ...globals(), ...options })));
	program
		.command("models")
		.description("the models on this machine")
		.action(() => end(modelsCommand(globals())));
	program
		.command("status")
		.description("what the running service does, and when batch work stepped aside")
		.option("--json", "as the service tells it")
		.action(async (options) => end(await statusCommand({ ...globals(), ...options })));
	const keys = describeKeys(program, globals, end);
	const ledger = program.command("ledger").description("look after the record of all work");
	ledger
		.command("verify")
		.description("check the log's chain, every stored byte and every table against the log")
		.action(async () => end(await verifyCommand(globals())));
	ledger
		.command("rebuild")
		.description("make every table anew from the log and the stored bytes")
		.action(async () => end(await rebuildCommand(globals())));
	// Commander does not hand exitOverride down to commands made before the call.
	for (const command of [...program.commands, ...ledger.commands, ...keys.commands]) command.exitOverride();
	return program;
}

function describeKeys(program: Command, globals: () => GlobalOptions, end: (code: ExitCode) => void): Command {
	const keys = program.command("keys").description("API keys: once there is one, programs need one for /v1");
	keys
		.command("add")
		.description("make a key and print it, this one time")
		.argument("<name>", "which program gets it")
		.action(async (name: string) => end(await addKeyCommand(globals(), name)));
	keys
		.command("list")
		.description("the keys there are")
		.action(() => end(listKeysCommand(globals())));
	keys
		.command("revoke")
		.description("make a key open nothing any more, also while the service runs")
		.argument("<id>", "as `keys list` prints it")
		.action(async (id: string) => end(await revokeKeyCommand(globals(), id)));
	return keys;
}

/** Reads a whole number within bounds. */
function count(least: number, most: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (Number.isInteger(value) && value >= least && value <= most) return value;
		throw new InvalidArgumentError(`It takes a whole number from ${least} to ${most}.`);
	};
}

function logLevel(text: string): GlobalOptions["logLevel"] {
	switch (text) {
		case "debug":
		case "info":
		case "warn":
		case "error":
			return text;
		default:
			throw new InvalidArgumentError("It takes debug, info, warn or error.");
	}
}

/** NIGHTSHIFT_LOG sets the level where the command line can't be changed. */
function logLevelDefault(): GlobalOptions["logLevel"] {
	return logLevel(process.env.NIGHTSHIFT_LOG ?? "info");
}
