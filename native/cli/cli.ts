/**
 * The headless face of Nightshift: commands, their options and their words. Owns what is printed and the exit code; must never
 * do the work itself (the service does).
 */
import { Command, CommanderError } from "commander";
import { defaultDataDir } from "../locations/locations.ts";
import { count, logLevel, logLevelDefault } from "./arguments.ts";
import { doctorCommand } from "./doctor-command.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { gpuCommand, gpuInstallCommand, gpuRemoveCommand } from "./gpu-command.ts";
import { addKeyCommand, listKeysCommand, revokeKeyCommand } from "./keys-command.ts";
import { rebuildCommand, verifyCommand } from "./ledger-commands.ts";
import { describeMachineCommands } from "./machine-commands.ts";
import { modelsCommand } from "./models-command.ts";
import { openCommand } from "./open-command.ts";
import { reportCommand } from "./report-command.ts";
import { serveCommand } from "./serve-command.ts";
import { statusCommand } from "./status-command.ts";
import { version } from "./version.ts";
import { webhookSecretCommand } from "./webhook-secret-command.ts";
import { describeBatchCommands, describeFileCommands, MOST_LANES } from "./work-commands.ts";

/** Default port: 22007, 22 h a day of idle GPU. */
const DEFAULT_PORT = 22_007;

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

	describeFileCommands(program, globals, end);
	const batches = describeBatchCommands(program, globals, end);
	program
		.command("serve")
		.description("batches and the local endpoint of this machine, until it is stopped")
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
	program
		.command("open")
		.description("print an address that opens the page of the running service in a browser, once")
		.action(async () => end(await openCommand(globals())));
	program
		.command("doctor")
		.description("what this computer is, what would stop batch work now, and what inference can run on")
		.option("--json", "all of it, for scripts")
		.action(async (options) => end(await doctorCommand({ ...globals(), ...options })));
	program
		.command("webhook-secret")
		.description("print the secret that signs webhooks, for those who check them")
		.action(async () => end(await webhookSecretCommand(globals())));
	program
		.command("report")
		.description("what was done last night, and what it took")
		.option("--json", "as the service tells it")
		.action(async (options) => end(await reportCommand({ ...globals(), ...options })));
	const keys = describeKeys(program, globals, end);
	const gpu = describeGpu(program, globals, end);
	const machines = describeMachineCommands(program, globals, end);
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
	const nested = [batches, ledger, keys, gpu, machines].flatMap((command) => command.commands);
	for (const command of [...program.commands, ...nested]) command.exitOverride();
	return program;
}

function describeGpu(program: Command, globals: () => GlobalOptions, end: (code: ExitCode) => void): Command {
	const gpu = program
		.command("gpu")
		.description("what else would make the GPU of this computer faster, and getting it")
		.option("--json", "as the service tells it")
		.action(async (options) => end(await gpuCommand({ ...globals(), ...options })));
	gpu
		.command("install")
		.description("fetch the pack that fits, some hundred megabytes; goes on where it stopped")
		.option("--anyway", "also where something else that it needs is missing")
		.action(async (options) => end(await gpuInstallCommand({ ...globals(), ...options })));
	gpu
		.command("remove")
		.description("take the pack away; models run without it from then on")
		.action(async () => end(await gpuRemoveCommand(globals())));
	return gpu;
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
