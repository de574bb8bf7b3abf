/** Content of a message, a text or parts, as the one text the engine takes. Each dialect has its own words for the parts. */
import { formatPath } from "./issues.ts";
import type { RequestFault } from "./translation.ts";

/** Where in a body something stands, e.g. `["messages", 2]`. */
export type BodyPath = readonly (string | number)[];

interface Part {
	readonly type: string;
	readonly text?: string | undefined;
	readonly refusal?: string | undefined;
}

/**
 * Joins a content. Several parts are one text here, joined by line breaks as llama.cpp's own server joins them. `path` is that of
 * the content; `textTypes` are the parts that carry their words in `text`. Other parts but refusals go to `faults`.
 */
export function joinContent(
	content: string | readonly Part[],
	path: BodyPath,
	textTypes: ReadonlySet<string>,
	faults: RequestFault[],
): string {
	if (typeof content === "string") return content;
	return content.map((part, index) => partText(part, [...path, index], textTypes, faults)).join("\n");
}

function partText(part: Part, path: BodyPath, textTypes: ReadonlySet<string>, faults: RequestFault[]): string {
	const text = textTypes.has(part.type) ? part.text : part.type === "refusal" ? part.refusal : null;
	if (typeof text === "string") return text;
	const field = text === null ? "type" : part.type === "refusal" ? "refusal" : "text";
	const param = formatPath([...path, field]);
	faults.push(
		text === null
			? {
					message: `Unsupported '${param}': '${part.type}'. Models here read text only; leave out images, audio and files.`,
					param,
					code: "unsupported_value",
				}
			: {
					message: `Missing required parameter: '${param}'. Give it as a string.`,
					param,
					code: "missing_required_parameter",
				},
	);
	return "";
}
