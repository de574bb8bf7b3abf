import { detectFormat, isObject, type LineFormat, openFormat, readHead } from "./formats/formats.ts";

/** What the first line of a batch file asks, where it can be told. */
export interface FirstRequest {
	readonly url: string;
	/** Null: it names none. */
	readonly model: string | null;
}

/** Lines looked at for one that asks for something: the first one does, unless it is blank. */
const LINES_LOOKED_AT = 20;

/**
 * Looks at the start of a batch file, in whatever dialect it is. Null: there is no sound first line, which validation will report in
 * full; or it is a table, whose rows name no model.
 */
export async function peekFirstRequest(bytes: AsyncIterable<Uint8Array>): Promise<FirstRequest | null> {
	const head = await readHead(bytes);
	const format = openFormat({ format: detectFormat(head, ""), template: null, endpoint: "" }, head);
	return format.ok ? firstRequest(format.value, head) : null;
}

/** What the first record asks of a file that begins with `head`. Null: it can't be told. */
export function firstRequest(format: LineFormat, head: Uint8Array): FirstRequest | null {
	const reader = format.createReader(head.length);
	let seen = 0;
	for (const records of [reader.push(head), reader.end()]) {
		for (const { text } of records) {
			const reading = text === null ? null : format.read(text, 1);
			seen += 1;
			if (reading?.kind === "blank" && seen < LINES_LOOKED_AT) continue;
			if (reading?.kind !== "request") return null;
			const { url, body } = reading;
			if (typeof url !== "string" || !isObject(body)) return null;
			const model = format.modelOf(body);
			return { url, model: typeof model === "string" && model !== "" ? model : null };
		}
	}
	return null;
}
