import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { err, errorCode, ok, type Result } from "../base/base.ts";
import { type BatchOptions, batchOptionsSchema, fileFormatSchema } from "../contract/contract.ts";
import { describeIssues } from "../engine/dialects/dialect.ts";
import { decimal, moment, names, percentOrNever, wholeNumber } from "./arguments.ts";

/** What can be said about a batch on the command line; the same for `run`, `rehearse` and `submit`. */
export interface BatchFlags {
	readonly model?: string;
	readonly format?: string;
	readonly template?: string;
	readonly system?: string;
	readonly maxTokens?: number;
	readonly temperature?: number;
	readonly soon?: boolean;
	readonly notBefore?: number;
	readonly effectiveUntil?: number;
	readonly giveUp?: number | "never";
	readonly lineTokens?: number;
	readonly lineSeconds?: number;
	readonly batchTokens?: number;
	readonly batchSeconds?: number;
	readonly webhook?: string;
}

/** Which machines may work on a batch, by their names or ids. */
export interface MachineFlags {
	readonly machines?: readonly string[];
	readonly not?: readonly string[];
}

/** Adds the flags to a command. Times are read against `nowMs`. */
export function addBatchFlags(command: Command, nowMs: () => number): Command {
	return command
		.option("-m, --model <path-or-name>", "answer every line with this model, whatever model it names")
		.option("--format <name>", `how the file is written (default: found out): ${fileFormatSchema.options.join(", ")}`)
		.option("--template <text|@file>", "of CSV and TSV files: what each row asks, with columns as {{column}}")
		.option("--system <text|@file>", "of CSV and TSV files: the system message; may have columns too")
		.option("--max-tokens <n>", "of CSV and TSV files: most tokens of an answer", wholeNumber)
		.option("--temperature <t>", "of CSV and TSV files (default: 0)", decimal)
		.option("--soon", "before other batches: somebody waits for it")
		.option("--not-before <time>", "not started before: HH:MM, an ISO date, or e.g. +2h", (text) =>
			moment(text, nowMs()),
		)
		.option("--effective-until <time>", "when its answers get stale", (text) => moment(text, nowMs()))
		.option("--give-up <percent>", "when more of the first 100 lines fail (default: 50), or never", percentOrNever)
		.option("--line-tokens <n>", "fail a line whose answer gets longer", wholeNumber)
		.option("--line-seconds <n>", "fail a line that runs longer", wholeNumber)
		.option("--batch-tokens <n>", "pause when all answers together get longer", wholeNumber)
		.option("--batch-seconds <n>", "pause after so much work", wholeNumber)
		.option("--webhook <url>", "tell this address of the end; its host must be allowed in the settings");
}

/** Adds the flags about machines to a command that hands work to the running service. */
export function addMachineFlags(command: Command): Command {
	return command
		.option("--machines <names>", "only these machines work on it, with commas between them", names)
		.option("--not <names>", "these machines don't work on it", names);
}

/** Puts the flags together. The failure is a sentence. */
export function readBatchFlags(flags: BatchFlags): Result<BatchOptions, string> {
	const prompt = readText(flags.template);
	if (!prompt.ok) return prompt;
	const system = readText(flags.system);
	if (!system.ok) return system;
	const stray = prompt.value === undefined ? strayTableFlag(flags) : null;
	if (stray !== null) return err(`${stray} is for CSV and TSV files; give --template too.`);
	const options = {
		format: flags.format,
		template:
			prompt.value === undefined
				? undefined
				: given({
						prompt: prompt.value,
						system: system.value,
						max_tokens: flags.maxTokens,
						temperature: flags.temperature,
					}),
		priority: flags.soon === true ? "soon" : "standard",
		not_before: flags.notBefore,
		effective_until: flags.effectiveUntil,
		policy: given({
			give_up_percent: flags.giveUp === "never" ? null : flags.giveUp,
			line_tokens: flags.lineTokens,
			line_seconds: flags.lineSeconds,
			batch_tokens: flags.batchTokens,
			batch_seconds: flags.batchSeconds,
		}),
		webhook_url: flags.webhook,
	};
	const parsed = batchOptionsSchema.safeParse(given(options));
	return parsed.success ? ok(parsed.data) : err(describeIssues(parsed.error, options)[0].message);
}

/** A refusal of the service, with the flag that mends it where it is about something that was not given. */
export function withFlag(
	{ message, param }: { readonly message: string; readonly param: string | null },
	{ template }: Pick<BatchOptions, "template">,
): string {
	return param === "template" && template === null ? `${message} Give it with --template.` : message;
}

/** A flag that says how rows are asked, without what they are asked; null: there is none. */
function strayTableFlag({ system, maxTokens, temperature }: BatchFlags): string | null {
	if (system !== undefined) return "--system";
	if (maxTokens !== undefined) return "--max-tokens";
	return temperature === undefined ? null : "--temperature";
}

/** Leaves out what was not given, so that defaults hold. */
function given(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** The text itself, or that of the file after an @. */
function readText(argument: string | undefined): Result<string | undefined, string> {
	if (!argument?.startsWith("@")) return ok(argument);
	try {
		return ok(readFileSync(argument.slice(1), "utf8"));
	} catch (error) {
		if (errorCode(error) === "") throw error;
		return err(`${argument.slice(1)} can't be read (${errorCode(error)}).`);
	}
}
