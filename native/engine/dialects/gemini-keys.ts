/**
 * Two spellings of one field. Google hears `generationConfig` and `generation_config` alike; here a body is brought to camelCase
 * once, and faults name each field as its sender wrote it. Only fields of the API are touched: arguments and results of
 * functions and the properties of schemas have names of their own.
 */
import { formatPath } from "./issues.ts";
import type { RequestFault } from "./translation.ts";

/** What stands in a field: anything, left as it is; an object of fields; or a list of such. */
type Shape = "any" | { readonly object: Fields } | { readonly list: Fields };

interface Field {
	/** In camelCase. */
	readonly name: string;
	readonly shape: Shape;
}

/** Fields by either spelling. Those that have one spelling and hold no others need not be known. */
type Fields = ReadonlyMap<string, Field>;

const functionDeclaration = fieldsOf({ parametersJsonSchema: "any" });
const tool = fieldsOf({ functionDeclarations: { list: functionDeclaration } });
const part = fieldsOf({
	functionCall: "any",
	functionResponse: "any",
	inlineData: "any",
	fileData: "any",
	executableCode: "any",
	codeExecutionResult: "any",
	thoughtSignature: "any",
	videoMetadata: "any",
	mediaResolution: "any",
	partMetadata: "any",
});
const content = fieldsOf({ parts: { list: part } });
const thinkingConfig = fieldsOf({ includeThoughts: "any", thinkingBudget: "any", thinkingLevel: "any" });
const generationConfig = fieldsOf({
	topP: "any",
	topK: "any",
	candidateCount: "any",
	maxOutputTokens: "any",
	stopSequences: "any",
	presencePenalty: "any",
	frequencyPenalty: "any",
	responseMimeType: "any",
	responseSchema: "any",
	responseJsonSchema: "any",
	responseLogprobs: "any",
	responseModalities: "any",
	thinkingConfig: { object: thinkingConfig },
});
const toolConfig = fieldsOf({ functionCallingConfig: { object: fieldsOf({ allowedFunctionNames: "any" }) } });
const request = fieldsOf({
	contents: { list: content },
	systemInstruction: { object: content },
	generationConfig: { object: generationConfig },
	tools: { list: tool },
	toolConfig: { object: toolConfig },
	cachedContent: "any",
});

/** A request in one spelling. */
export interface OneSpelling {
	/** The body with the API's fields in camelCase; what is no object stays what it is. */
	readonly body: unknown;
	/** A fault for each field that was given in both spellings. */
	readonly faults: readonly RequestFault[];
	/** A fault about `body` in the words of who sent it. */
	reword(fault: RequestFault): RequestFault;
}

interface Seen {
	isSnake: boolean;
	readonly faults: RequestFault[];
}

/** Brings a request to camelCase. An object in place of a list counts as a list of one, as Google's own examples have it. */
export function inOneSpelling(body: unknown): OneSpelling {
	const seen: Seen = { isSnake: false, faults: [] };
	const renamed = rename(body, request, [], seen);
	const spell = (param: string) => asWritten(body, param, seen.isSnake);
	return {
		body: renamed,
		faults: seen.faults,
		reword({ message, param, code }) {
			// Fields of the request are the only paths that messages quote beside the one at fault.
			const words = message.replaceAll(/'([A-Za-z][\w.[\]]*)'/g, (quoted, path: string) =>
				path === param || isFieldPath(path) ? `'${spell(path)}'` : quoted,
			);
			return { message: words, param: param === null ? null : spell(param), code };
		},
	};
}

function rename(value: unknown, fields: Fields, path: readonly (string | number)[], seen: Seen): unknown {
	if (!isRecord(value)) return value;
	const given = new Map<string, unknown>();
	for (const [key, inner] of Object.entries(value)) {
		const { name, shape } = fields.get(key) ?? { name: key, shape: "any" };
		if (key !== name) seen.isSnake = true;
		if (isGiven(given.get(name)) && isGiven(inner)) {
			seen.faults.push(refuseTwice(formatPath([...path, name])));
		} else if (!isGiven(given.get(name))) {
			given.set(name, renameInside(inner, shape, [...path, name], seen));
		}
	}
	return Object.fromEntries(given);
}

function renameInside(value: unknown, shape: Shape, path: readonly (string | number)[], seen: Seen): unknown {
	if (shape === "any") return value;
	if ("object" in shape) return rename(value, shape.object, path, seen);
	const list = isRecord(value) ? [value] : value;
	return Array.isArray(list) ? list.map((item, index) => rename(item, shape.list, [...path, index], seen)) : list;
}

function refuseTwice(param: string | null): RequestFault {
	const message = `'${param}' is given twice, in camelCase and in snake_case. Leave one of them out.`;
	return { message, param, code: "invalid_value" };
}

/** The path of a field, found in the body as it came; fields that are not there are spelled like the others. */
function asWritten(body: unknown, param: string, isSnake: boolean): string {
	let place = body;
	const written: (string | number)[] = [];
	for (const step of param.match(/[^.[\]]+/g) ?? []) {
		const index = /^\d+$/.test(step) ? Number(step) : null;
		if (index !== null) {
			// One object was given for a list of one.
			if (!Array.isArray(place)) continue;
			written.push(index);
			place = place[index];
			continue;
		}
		const snake = toSnake(step);
		const key = isRecord(place) && [step, snake].find((name) => isRecord(place) && Object.hasOwn(place, name));
		written.push(typeof key === "string" ? key : isSnake ? snake : step);
		place = typeof key === "string" && isRecord(place) ? place[key] : undefined;
	}
	return formatPath(written) ?? param;
}

function isFieldPath(path: string): boolean {
	const first = path.split(/[.[]/)[0] ?? "";
	return request.get(first)?.name === first;
}

/** Fields by both their spellings. */
function fieldsOf(shapes: { readonly [name: string]: Shape }): Fields {
	return new Map(
		Object.entries(shapes).flatMap(([name, shape]) => {
			const field = { name, shape };
			return [[name, field] as const, [toSnake(name), field] as const];
		}),
	);
}

function toSnake(name: string): string {
	return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function isGiven(value: unknown): boolean {
	return value !== undefined && value !== null;
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
