import { Argument, type Command } from "commander";
import { systemClock } from "../base/base.ts";
import { count, duration, linesAfterFile } from "./arguments.ts";
import { actCommand, type BatchAction, batchesCommand, retryCommand } from "./batch-commands.ts";
import { addBatchFlags, addMachineFlags } from "./batch-flags.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { rehearseCommand } from "./rehearse-command.ts";
import { restCommand } from "./rest-command.ts";
import { resultsCommand } from "./results-command.ts";
import { runCommand } from "./run-command.ts";
import { submitCommand } from "./submit-command.ts";
import { waitCommand } from "./wait-command.ts";

/** More lanes than any machine profits from; keeps a typing error from asking for gigabytes. */
export const MOST_LANES = 256;

/** Commands that take a file. */
export function describeFileCommands(
	program: Command,
	globals: () => GlobalOptions,
	end: (code: ExitCode) => void,
): void {
	const now = () => systemClock.nowMs();
	addBatchFlags(
		program
			.command("run")
			.description("do a whole batch file here and now; the same command again goes on where it stopped")
			.argument("<file>", "requests: JSONL of OpenAI, Anthropic, Gemini or Vertex, or CSV or TSV with a --template")
			.option("-o, --output <file>", "where the results go; errors go beside it (default: results.jsonl)")
			.option("-l, --lanes <n>", "lines worked on at once (default: measured)", count(1, MOST_LANES))
			.option("-t, --threads <n>", "CPU threads (default: one a core)", count(1, 1_024))
			.option("--rehearse [n]", "run the first lines (default: 5), show what comes of them and ask", linesAfterFile)
			.option("--spread", "rehearse lines from all over the file")
			.option("-y, --yes", "go on after the rehearsal without asking"),
		now,
	).action(async (file: string, options) => end(await runCommand(file, { ...globals(), ...options })));
	addBatchFlags(
		program
			.command("rehearse")
			.description("check a file, run its first lines, and say what all of it will take")
			.argument("<file>", "as for run")
			.option("-n, --lines <n>", "how many lines to run", count(1, 100), 5)
			.option("--spread", "lines from all over the file")
			.option("--window <duration>", "how long the batch may take once it is queued: 90m, 24h, 3d", duration, "24h")
			.option("--queue", "queue the rest at once if every rehearsed line was answered")
			.option("--json", "as the service tells it"),
		now,
	).action(async (file: string, { lines, ...options }) =>
		end(await rehearseCommand(file, { ...globals(), ...options, rehearsalLines: lines })),
	);
	const submit = program
		.command("submit")
		.description("hand a file to the running service; prints the batch's id")
		.argument("<file>", "as for run")
		.option("--window <duration>", "how long it may take: 90m, 24h, 3d", duration, "24h")
		.option("--idempotency-key <key>", "the same key again leads to the same batch");
	addBatchFlags(addMachineFlags(submit), now).action(async (file: string, options) =>
		end(await submitCommand(file, { ...globals(), ...options })),
	);
}

const ACTIONS = {
	queue: "queue what was rehearsed",
	cancel: "end a batch with what it has",
} satisfies Partial<Record<BatchAction, string>>;

/** Commands about batches; answers the one they are listed with. */
export function describeBatchCommands(
	program: Command,
	globals: () => GlobalOptions,
	end: (code: ExitCode) => void,
): Command {
	const batches = program
		.command("batches")
		.description("the newest batches of the running service")
		.option("-n, --limit <n>", "how many", count(1, 100), 20)
		.action(async ({ limit }) => end(await batchesCommand(globals(), limit)));
	for (const action of ["queue", "cancel"] as const) {
		program
			.command(action)
			.description(ACTIONS[action])
			.argument("<batch>", "its id")
			.action(async (batch: string) => end(await actCommand(globals(), action, batch)));
	}
	describeRest(program, globals, end);
	program
		.command("retry")
		.description("run the failed lines of an ended batch again, into the same batch")
		.argument("<batch>", "its id")
		.option("--may-pass", "leave out lines that were refused: they would be refused again")
		.option("--window <duration>", "how long it may take from now: 90m, 24h, 3d", duration, "24h")
		.action(async (batch: string, { mayPass, window }) =>
			end(await retryCommand(globals(), batch, mayPass ? "may-pass" : "all", window)),
		);
	program
		.command("wait")
		.description("wait until a batch has ended; exit code 0: all lines answered, 3: some failed")
		.argument("<batch>", "its id")
		.option("--timeout <seconds>", "give the waiting up", count(1, 31_536_000))
		.option("-q, --quiet", "print nothing but what is wrong")
		.action(async (batch: string, options) => end(await waitCommand(batch, { ...globals(), ...options })));
	program
		.command("results")
		.description("the results of a batch")
		.argument("<batch>", "its id")
		.option("-o, --output <file>", "where they go (default: stdout)")
		.option("--errors", "the failed lines instead")
		.option("--provenance", "with when, where and by which model each answer was made")
		.action(async (batch: string, options) => end(await resultsCommand(batch, { ...globals(), ...options })));
	return batches;
}

/** Commands that have one batch rest, or all batch work of this machine where none is named. */
function describeRest(program: Command, globals: () => GlobalOptions, end: (code: ExitCode) => void): void {
	const pause = "let a batch's running lines end and start no new ones; without a batch, stop all work on this machine";
	const resume = "go on, also past a limit at which a batch paused itself; without a batch, all work on this machine";
	for (const [action, description] of [
		["pause", pause],
		["resume", resume],
	] as const) {
		program
			.command(action)
			.description(description)
			.argument("[batch]", "its id")
			.action(async (batch?: string) =>
				end(await (batch === undefined ? restCommand(globals(), { action }) : actCommand(globals(), action, batch))),
			);
	}
	program
		.command("snooze")
		.description("let all batch work on this machine rest for a while")
		.addArgument(new Argument("[for]", "how long").choices(["1h", "3h", "12h", "tomorrow"]).default("1h"))
		.action(async (time) => end(await restCommand(globals(), { action: "snooze", for: time })));
}
