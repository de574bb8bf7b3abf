/** What hosted batch APIs cost: the table that came with the program, with the owner's own entries over it. */
import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { err, errorCode, type Log, ok, type Result } from "../base/base.ts";
import { fileVersion, noFile } from "../settings/file-version.ts";

/** Every model there is a hosted batch API for is far fewer; bounds what a report says. */
const MOST_ENTRIES = 1_000;
/** A table with that many entries is a quarter of it; what is larger is not a price table. */
const MOST_BYTES = 1024 * 1024;

const entrySchema = z.strictObject({
	provider: z.string().min(1).max(100),
	model: z.string().min(1).max(200),
	input_usd_per_million_tokens: z.number().min(0),
	output_usd_per_million_tokens: z.number().min(0),
	/** Day of these figures, where it is not that of the file. */
	as_of: z.iso.date().optional(),
	/** Page of the provider that the figures are of. */
	source: z.url().optional(),
	note: z.string().optional(),
});

const tableSchema = z.strictObject({
	/** Day of the figures. */
	as_of: z.iso.date(),
	models: z.array(entrySchema).max(MOST_ENTRIES),
});

/** What a hosted batch API takes for a model. */
export interface HostedPrice {
	readonly provider: string;
	readonly model: string;
	readonly inputUsdPerMillion: number;
	readonly outputUsdPerMillion: number;
	/** Day of the figures, e.g. `2026-10-07`. */
	readonly asOf: string;
}

/** The prices in force. */
export interface PriceTable {
	readonly prices: readonly HostedPrice[];
	/** Day of the oldest of them. */
	readonly asOf: string;
}

/** Tells the prices in force. */
export interface Prices {
	/** Read anew when the owner's file changed. */
	readonly current: PriceTable;
}

/** What prices are made from. */
export interface PricesDeps {
	readonly bundledPricesPath: string;
	/** Need not exist. */
	readonly pricesPath: string;
	readonly log: Log;
}

/** Reads both tables. The bundled one is part of the program: throws where it is missing or broken. */
export function createPrices({ bundledPricesPath, pricesPath, log }: PricesDeps): Prices {
	const bundled = parseTable(readFileSync(bundledPricesPath, "utf8"));
	if (!bundled.ok) throw new Error(`The price table that comes with Nightshift is broken: ${bundled.error}`);
	const came = bundled.value;
	let readVersion = noFile;
	let table = tableOf(came);

	function readOwn(): PriceTable {
		const own = readTable(pricesPath);
		if (own.ok) return tableOf(merge(came, own.value));
		log.warn(
			{ path: pricesPath, problem: own.error },
			`prices.json can't be used: ${own.error} The prices that came with Nightshift hold. Mend the file, or delete it.`,
		);
		return tableOf(came);
	}

	return {
		get current() {
			const version = fileVersion(pricesPath);
			if (version === readVersion) return table;
			readVersion = version;
			table = readOwn();
			return table;
		},
	};
}

function readTable(path: string): Result<readonly HostedPrice[], string> {
	try {
		if (statSync(path).size > MOST_BYTES) return err(`It is larger than ${MOST_BYTES} bytes.`);
		return parseTable(readFileSync(path, "utf8"));
	} catch (error) {
		const code = errorCode(error);
		if (code === "") throw error;
		return code === "ENOENT" ? ok([]) : err(`It can't be read (${code}).`);
	}
}

function parseTable(text: string): Result<readonly HostedPrice[], string> {
	let content: unknown;
	try {
		content = JSON.parse(text);
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		return err(`It is not JSON: ${error.message}.`);
	}
	const parsed = tableSchema.safeParse(content);
	if (!parsed.success) {
		const [issue] = parsed.error.issues;
		const place = issue?.path.join(".") || "the file as a whole";
		return err(`At ${place}: ${issue?.message ?? "it has another form"}.`);
	}
	const { as_of, models } = parsed.data;
	return ok(
		models.map((entry) => ({
			provider: entry.provider,
			model: entry.model,
			inputUsdPerMillion: entry.input_usd_per_million_tokens,
			outputUsdPerMillion: entry.output_usd_per_million_tokens,
			asOf: entry.as_of ?? as_of,
		})),
	);
}

/** Of entries with the same provider and model the last one counts, however they are capitalised. */
function merge(bundled: readonly HostedPrice[], own: readonly HostedPrice[]): readonly HostedPrice[] {
	const nameOf = ({ provider, model }: HostedPrice) => JSON.stringify([provider.toLowerCase(), model.toLowerCase()]);
	return [...new Map([...bundled, ...own].map((price) => [nameOf(price), price])).values()];
}

function tableOf(prices: readonly HostedPrice[]): PriceTable {
	const days = prices.map((price) => price.asOf).sort();
	return { prices, asOf: days[0] ?? "" };
}
