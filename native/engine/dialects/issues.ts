/** Turns what a schema finds wrong into sentences in OpenAI's style that say what is wrong, where and how to mend it. */
import type { z } from "zod";
import type { RequestFault, RequestFaults } from "./translation.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Writes a path as OpenAI does: `messages[2].content[0].type`; null for the whole. */
export function formatPath(path: Path): string | null {
	let text = "";
	for (const part of path) {
		text += typeof part === "number" ? `[${part}]` : `${text === "" ? "" : "."}${String(part)}`;
	}
	return text === "" ? null : text;
}

/** One fault for each issue of a failed parse. `input` is the value that was parsed. */
export function describeIssues(error: z.ZodError, input: unknown): RequestFaults {
	const [first, ...rest] = error.issues.map((issue) => describeIssue(issue, input));
	if (first === undefined) throw new Error("A failed parse without an issue.");
	return [first, ...rest];
}

function describeIssue(issue: Issue, input: unknown, base: Path = []): RequestFault {
	const path = [...base, ...issue.path];
	const value = valueAt(input, path);
	const param = formatPath(path);
	const name = param === null ? "the body" : `'${param}'`;
	switch (issue.code) {
		case "invalid_type":
			return describeType([issue.expected], value, param, name);
		case "too_big":
		case "too_small":
			return describeSize(issue, value, param, name);
		case "invalid_value":
			return describeChoice(issue.values.map(String), value, param, name);
		case "invalid_union":
			return describeUnion(issue, input, path);
		default:
			return { message: `Invalid ${name}: ${issue.message}`, param, code: "invalid_value" };
	}
}

function describeType(expected: readonly string[], value: unknown, param: string | null, name: string): RequestFault {
	const wanted = expected.map((kind) => TYPE_NAMES.get(kind) ?? kind).join(" or ");
	if (value === undefined && param !== null) {
		return {
			message: `Missing required parameter: ${name}. Give it as ${wanted}.`,
			param,
			code: "missing_required_parameter",
		};
	}
	const isOddNumber = typeof value === "number" && (expected.includes("int") || !Number.isFinite(value));
	// JSON has no infinity, but numbers like 1e999 are read as one.
	const got = isOddNumber ? (Number.isFinite(value) ? `${value}` : "one too large") : typeName(value);
	return {
		message: `Invalid type for ${name}: expected ${wanted}, but got ${got} instead.`,
		param,
		code: "invalid_type",
	};
}

function describeSize(
	issue: Extract<Issue, { code: "too_big" | "too_small" }>,
	value: unknown,
	param: string | null,
	name: string,
): RequestFault {
	const above = issue.code === "too_big";
	const limit = issue.code === "too_big" ? issue.maximum : issue.minimum;
	if (typeof value === "number") {
		const kind = Number.isInteger(value) ? "integer" : "decimal";
		const comparison = `${above ? "<" : ">"}${issue.inclusive === false ? "" : "="} ${limit}`;
		return {
			message: `Invalid ${name}: expected a value ${comparison}, but got ${value} instead.`,
			param,
			code: `${kind}_${above ? "above_max" : "below_min"}_value`,
		};
	}
	const isText = typeof value === "string";
	const unit = isText ? "character" : "item";
	const length = isText || Array.isArray(value) ? value.length : 0;
	const bound = `${above ? "at most" : "at least"} ${limit} ${unit}${limit === 1 ? "" : "s"}`;
	return {
		message: `Invalid ${name}: expected ${bound}, but got ${length}.`,
		param,
		code: length === 0 ? `empty_${isText ? "string" : "array"}` : `${isText ? "string" : "array"}_above_max_length`,
	};
}

function describeChoice(options: readonly string[], value: unknown, param: string | null, name: string): RequestFault {
	const list = options.map((option) => `'${option}'`).join(", ");
	if (value === undefined) {
		const message = `Missing required parameter: ${name}. Supported values are: ${list}.`;
		return { message, param, code: "missing_required_parameter" };
	}
	return {
		message: `Invalid value for ${name}: ${quote(value)}. Supported values are: ${list}.`,
		param,
		code: "invalid_value",
	};
}

/** Tells the branch that came closest: of those whose type fits, the one with the fewest issues. */
function describeUnion(issue: Extract<Issue, { code: "invalid_union" }>, input: unknown, path: Path): RequestFault {
	const param = formatPath(path);
	const name = param === null ? "the body" : `'${param}'`;
	if (issue.errors.length === 0) {
		const options = "options" in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
		return describeChoice(options, valueAt(input, path), param, name);
	}
	const expected: string[] = [];
	let closest: readonly Issue[] | null = null;
	for (const branch of issue.errors) {
		const [first] = branch;
		if (first?.code === "invalid_type" && first.path.length === 0) {
			if (!expected.includes(first.expected)) expected.push(first.expected);
		} else if (closest === null || branch.length < closest.length) {
			closest = branch;
		}
	}
	const [told] = closest ?? [];
	if (told !== undefined) return describeIssue(told, input, path);
	return describeType(expected, valueAt(input, path), param, name);
}

const TYPE_NAMES: ReadonlyMap<string, string> = new Map([
	["string", "a string"],
	["number", "a number"],
	["int", "an integer"],
	["boolean", "a boolean"],
	["array", "an array"],
	["object", "an object"],
	["record", "an object"],
]);

function typeName(value: unknown): string {
	if (value === null) return "null";
	if (Array.isArray(value)) return "an array";
	return TYPE_NAMES.get(typeof value) ?? typeof value;
}

/** Longest value quoted in a message, in characters: enough to recognise it, too short to flood a list of 1,000 faults. */
const QUOTE_LENGTH = 60;

function quote(value: unknown): string {
	if (typeof value !== "string") return typeof value === "object" ? typeName(value) : String(value);
	return `'${value.length > QUOTE_LENGTH ? `${value.slice(0, QUOTE_LENGTH)}…` : value}'`;
}

function valueAt(input: unknown, path: Path): unknown {
	let value = input;
	for (const part of path) {
		if (typeof value !== "object" || value === null) return undefined;
		value = Object.hasOwn(value, part) ? Reflect.get(value, part) : undefined;
	}
	return value;
}
