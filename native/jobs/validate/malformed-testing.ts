/** Makes batch files full of lines that are wrong in every way we know of, between some that are not; for tests. */
import { type FileFormat, GEMINI_GENERATE_URL } from "../../contract/contract.ts";
import { formatOf, testOptions } from "./testing.ts";
import { type ValidationOptions, validateBatchFile } from "./validate.ts";

/** Dialects that lines are made in. */
export type MadeFormat = Exclude<FileFormat, "tsv">;

/** A source of chance that gives the same again for the same seed. */
export interface Chance {
	/** A whole number from 0 to below `end`. */
	below(end: number): number;
	pick<Item>(items: readonly [Item, ...Item[]]): Item;
}

/** Chance by mulberry32. */
export function createChance(seed: number): Chance {
	let state = seed;
	function below(end: number): number {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
	}
	return { below, pick: ([first, ...rest]) => [first, ...rest][below(rest.length + 1)] ?? first };
}

/** A line, and whether it is as it should be. */
export interface MadeLine {
	readonly bytes: Buffer;
	readonly isSound: boolean;
}

/** Which lines to make. */
export interface MalformedWish {
	readonly format: MadeFormat;
	readonly seed: number;
	readonly lines: number;
	/** Among how many malformed lines one is of several megabytes. */
	readonly giantEvery: number;
}

/** Among how many lines one is sound. */
const SOUND_EVERY = 6;
/** Length of the strings in giant lines. */
const GIANT_CHARACTERS = 5 * 1024 * 1024;

/** Makes the lines one by one; none is kept. The first is always sound. */
export function* malformedLines({ format, seed, lines, giantEvery }: MalformedWish): Generator<MadeLine> {
	const chance = createChance(seed);
	const spoilers = format === "csv" ? tableSpoilers : jsonSpoilers;
	for (let number = 1; number <= lines; number += 1) {
		const sound = soundLine(format, number, chance);
		if (number === 1 || number % SOUND_EVERY === 0) yield { bytes: Buffer.from(sound), isSound: true };
		else if (number % giantEvery === 0) yield { bytes: Buffer.from(spoilHugely(sound, chance)), isSound: false };
		else yield { bytes: Buffer.from(chance.pick(spoilers)(sound, chance)), isSound: false };
	}
}

const TEXTS: readonly [string, ...string[]] = ["Hello", "Grüße", "今日は", "😀 fine", "a \\ and /", "tab\tand\u0001"];

function soundLine(format: MadeFormat, number: number, chance: Chance): string {
	const content = `${chance.pick(TEXTS)} ${number}`;
	const messages = [{ role: "user", content }];
	const contents = [{ role: "user", parts: [{ text: content }] }];
	const id = `id-${number}`;
	switch (format) {
		case "openai": {
			const body = { model: "demo", messages, max_tokens: 9 };
			return JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body });
		}
		case "anthropic":
			return JSON.stringify({ custom_id: id, params: { model: "demo", messages, max_tokens: 9 } });
		case "gemini":
			return JSON.stringify({ key: id, request: { contents, generationConfig: { maxOutputTokens: 9 } } });
		case "vertex":
			return JSON.stringify({ request: { contents, generation_config: { max_output_tokens: 9 } } });
		case "messages":
			return JSON.stringify({ messages, max_tokens: 9 });
		case "csv":
			return `${id},"${content} ""said""${chance.pick(["", ", and more"])}",${chance.pick(["x", '""', "a b"])}`;
	}
}

/** Makes a sound line malformed, by all means. */
type Spoiler = (line: string, chance: Chance) => Uint8Array | string;

const VALUE = /"(?:content|text)":"[^"]*"/;
const NUMBER = /9(?=\})/;

/** Puts something in place of the text of the prompt. */
const withText = (line: string, value: string) => line.replace(VALUE, (field) => `${field.split(":")[0]}:${value}`);
const withNumber = (line: string, value: string) => line.replace(NUMBER, () => value);

const jsonSpoilers: readonly [Spoiler, ...Spoiler[]] = [
	// Truncated.
	(line, chance) => line.slice(0, 1 + chance.below(line.length - 1)),
	(line) => line.slice(1),
	// Nested deeper than anything.
	(line, chance) => withText(line, nested("[", "]", 300 + chance.below(2_000))),
	(line, chance) => withText(line, nested('{"a":', "}", 300 + chance.below(2_000), "1")),
	(line) => withText(line, nested("[", "]", 100_000)),
	(_, chance) => chance.pick(["[", '{"a":', '[{"a":']).repeat(1 + chance.below(20_000)),
	// Numbers that no field can mean.
	(line, chance) => withNumber(line, chance.pick(["1e999", "-1e999", "9007199254740993", "1.5", "-9", "0.1e-400"])),
	(line) => withNumber(line, "9".repeat(400)),
	(line, chance) => withNumber(line, chance.pick(["0x10", "01", "+1", "1.", ".5", "NaN", "-Infinity", "1e"])),
	// Halves of surrogate pairs.
	(line, chance) => withText(line, `"a${chance.pick(["\\ud800", "\\uDFFF", "\\ude00\\ud83d"])}z"`),
	(line) => line.replace('"user"', '"user","\\ud800":1'),
	// NUL bytes and other bytes that are no text.
	(line, chance) => insert(line, chance, "\0"),
	(line) => withText(line, '"a\0b"'),
	(line) => withText(line, '"a\u001fb"'),
	(line, chance) => insertBytes(line, chance, chance.pick([[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf5, 0x80]])),
	// Keys that stand twice.
	(line) => line.replace(/\{("[^"]+":)/, "{$1null,$1"),
	(line) => line.replace(/"role":"user"/, '"role":"user","role":"user"'),
	(line) => line.replace(/"role":"user"/, '"role":"user","\\u0072ole":"user"'),
	// Other types than those wanted.
	(line, chance) => withText(line, chance.pick(["7", "true", "{}", "[7]", "[[]]"])),
	(line, chance) => line.replace(/\[.*\]/, () => chance.pick(["7", "null", '"x"', "{}", "false"])),
	(line, chance) => line.replace('"user"', () => chance.pick(["7", "{}", '"me"', "[]"])),
	(_, chance) => chance.pick(["[]", "7", '"text"', "null", "true", "[{}]", "-0", "{}"]),
	// What other languages write.
	(line) => line.replaceAll('"', "'"),
	(line, chance) => withText(line, chance.pick(["None", "True", "undefined", "tru", "'x'", "`x`", '"\\x"', '"\\u12"'])),
	(line) => line.replace(/\}$/, ",}"),
	(line) => line.replace(/\]/, ",]"),
	(line) => line.replace(":", " "),
	(line) => line.replace(",", " "),
	// More or less than one object.
	(line) => `${line}${line}`,
	(line) => `${line},`,
	(line) => `\uFEFF${line}`,
	(line) => line.replace(/"(?:messages|contents)"/, '"massages"'),
	() => '{"custom_id":"o","id":"batch_req_1","response":{"status_code":200,"body":{}},"error":null}',
	(_, chance) => garbage(chance),
];

const tableSpoilers: readonly [Spoiler, ...Spoiler[]] = [
	// Too few fields, too many.
	(line) => line.split(",")[0] ?? "",
	(line, chance) => `${line}${",".repeat(1 + chance.below(2_000))}`,
	// Quotes that are not closed, or not where a field ends.
	(_, chance) => `id-open-${chance.below(1e9)},"open ${chance.pick(TEXTS)},x`,
	(_, chance) => `id-junk-${chance.below(1e9)},"closed" too soon,x`,
	(_, chance) => `id-junk-${chance.below(1e9)},"closed ""twice"" " ,x`,
	// Bytes that are no text.
	(line, chance) => insert(line, chance, "\0"),
	(line, chance) => insertBytes(line, chance, chance.pick([[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80]])),
	// Ids.
	(line) => line.replace(/^[^,]*/, ""),
	(line) => line.replace(/^[^,]*/, "id-1"),
	(line, chance) => line.replace(/^[^,]*/, () => "x".repeat(513 + chance.below(1_000))),
	(_, chance) => garbage(chance),
];

function spoilHugely(line: string, chance: Chance): string {
	const giant = "x".repeat(GIANT_CHARACTERS);
	if (!line.startsWith("{")) return chance.pick([`${giant},x,y`, `id,"${giant},x`, `id,${giant}`]);
	return chance.pick([
		withText(line, `"${giant}`),
		line.replace('"user"', () => `"${giant}"`),
		line.replace(/\{/, () => `{"${giant}":1,"${giant}":2,`),
		withText(line, `"${giant}\\ud800"`),
		withText(line, `"${'\\"'.repeat(GIANT_CHARACTERS / 2)}`),
		`${line}${" ".repeat(GIANT_CHARACTERS)}x`,
	]);
}

function nested(open: string, close: string, depth: number, core = ""): string {
	return `${open.repeat(depth)}${core}${close.repeat(depth)}`;
}

function insert(line: string, chance: Chance, text: string): string {
	const at = chance.below(line.length);
	return line.slice(0, at) + text + line.slice(at);
}

function insertBytes(line: string, chance: Chance, bytes: readonly number[]): Uint8Array {
	const whole = Buffer.from(line);
	const at = chance.below(whole.length);
	return Buffer.concat([whole.subarray(0, at), Buffer.from(bytes), whole.subarray(at)]);
}

/** Printable text that is neither JSON nor a row of three fields. */
function garbage(chance: Chance): string {
	const length = 1 + chance.below(200);
	const codes = Array.from({ length }, () => 0x23 + chance.below(0x5b));
	return `#${String.fromCharCode(...codes)}`.replaceAll(",", "");
}

const HEADER = "custom_id,text,note";

const endpoints: Readonly<Record<MadeFormat, string>> = {
	openai: "/v1/chat/completions",
	anthropic: "/v1/messages",
	gemini: GEMINI_GENERATE_URL,
	vertex: GEMINI_GENERATE_URL,
	messages: "/v1/chat/completions",
	csv: "/v1/chat/completions",
};

/** What validation said of a made file. */
export interface Judged {
	/** 1-based numbers of sound lines that were named. */
	readonly wronged: readonly number[];
	/** Numbers of malformed lines that were not named, with their starts. */
	readonly missed: readonly string[];
	readonly malformed: number;
	readonly bytes: number;
	/** Most memory in use beyond what was before, as far as seen. */
	readonly peakGrowthBytes: number;
}

/** Makes a file and has it validated as it is made. `collect` tidies memory up before it is looked at. */
export async function judgeMalformed(wish: MalformedWish, collect: () => void): Promise<Judged> {
	const isTable = wish.format === "csv";
	const sound: number[] = [];
	const malformed = new Map<number, string>();
	let bytes = 0;
	let peakGrowthBytes = 0;
	collect();
	const before = usedBytes();
	async function* made(): AsyncGenerator<Uint8Array> {
		let number = isTable ? 2 : 1;
		if (isTable) yield Buffer.from(`${HEADER}\n`);
		for (const line of malformedLines(wish)) {
			if (line.isSound) sound.push(number);
			else malformed.set(number, Buffer.from(line.bytes.subarray(0, START_BYTES)).toString());
			number += 1;
			bytes += line.bytes.length + 1;
			yield line.bytes;
			yield Buffer.from("\n");
			if (number % LOOK_EVERY !== 0) continue;
			collect();
			peakGrowthBytes = Math.max(peakGrowthBytes, usedBytes() - before);
		}
	}
	const template = { prompt: "{{text}} {{note}}", system: null, max_tokens: null, temperature: 0 };
	const options: ValidationOptions = {
		...testOptions,
		format: formatOf({ format: wish.format, template: isTable ? template : null }, `${HEADER}\n`),
		endpoint: endpoints[wish.format],
		resolveModel: (name) => (name === null || name === "demo" ? "demo" : null),
		maxFaults: wish.lines * MOST_FAULTS_A_LINE,
	};
	const report = await validateBatchFile(made(), options, { lines() {} });
	const named = new Set(report.faults.map(({ line }) => line));
	return {
		wronged: sound.filter((number) => named.has(number)),
		missed: [...malformed].flatMap(([number, start]) => (named.has(number) ? [] : `${number}: ${start}`)),
		malformed: malformed.size,
		bytes,
		peakGrowthBytes,
	};
}

/** Bytes of a line kept to show which it is. */
const START_BYTES = 300;
/** Lines between looks at the memory. */
const LOOK_EVERY = 200;
/** Every line must be found in the list, so it may not be cut off. */
const MOST_FAULTS_A_LINE = 20;

function usedBytes(): number {
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}
