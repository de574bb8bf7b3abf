/** Command line of the engine bench. Must never touch the disk or a process. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { err, ok, type Result } from "../../native/base/base.ts";

/** What the bench is asked to do. */
export interface BenchOptions {
	/** A tenth of the lines, fewer rounds, fewer settings tried. */
	readonly quick: boolean;
	/** Measure our side alone. */
	readonly skipServer: boolean;
	/** Measure our side with several lane counts instead. */
	readonly sweep: boolean;
	/** Batch lanes of our engine; null: it chooses. */
	readonly lanes: number | null;
	readonly threads: number;
	readonly rounds: number;
	/** Names of the cases to run; null: all. */
	readonly cases: readonly string[] | null;
	/** File for the figures. */
	readonly json: string | null;
}

/** Help text. */
export const usage = `npm run bench:engine -- [options]
  --quick            a tenth of the lines, one round
  --skip-server      our side alone
  --sweep            our side alone, with 4, 8, 12, 16, 24 and 32 lanes
  --lanes N          batch lanes of our side (default: the engine chooses)
  --threads N        threads of every side (default: all cores)
  --rounds N         how often the sides take turns (default: 3)
  --cases A,B        only these cases
  --json FILE        write the figures there too
`;

/** Most rounds and lanes that make sense: beyond these a typing mistake is likelier. */
const largestCount = 256;

/** Reads the command line; the error is a sentence for people. */
export function parseOptions(args: readonly string[]): Result<BenchOptions, string> {
	try {
		const { values } = parseArgs({
			args: [...args],
			options: {
				quick: { type: "boolean", default: false },
				"skip-server": { type: "boolean", default: false },
				sweep: { type: "boolean", default: false },
				lanes: { type: "string" },
				threads: { type: "string" },
				rounds: { type: "string" },
				cases: { type: "string" },
				json: { type: "string" },
			},
		});
		return ok({
			quick: values.quick,
			skipServer: values["skip-server"],
			sweep: values.sweep,
			lanes: values.lanes === undefined ? null : count("--lanes", values.lanes),
			threads: values.threads === undefined ? availableParallelism() : count("--threads", values.threads),
			rounds: values.rounds === undefined ? (values.quick ? 1 : 3) : count("--rounds", values.rounds),
			cases: values.cases?.split(",") ?? null,
			json: values.json ?? null,
		});
	} catch (error) {
		// parseArgs and count both say what is wrong with the command line.
		if (error instanceof TypeError || error instanceof RangeError) return err(`${error.message}\n${usage}`);
		throw error;
	}
}

function count(name: string, text: string): number {
	const value = Number(text);
	if (Number.isInteger(value) && value >= 1 && value <= largestCount) return value;
	throw new RangeError(`${name} takes a whole number from 1 to ${largestCount}, not "${text}"`);
}
