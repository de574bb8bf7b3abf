/** What a request says, out of any of the dialects a file may have. Pure. */

/** The words of a request. */
export interface Asked {
	/** The standing instruction; null: none. */
	readonly system: string | null;
	/** The last thing said to the model. */
	readonly text: string;
}

/** Reads the words of a request; null: it has none that can be shown as text. */
export function askedIn(request: Readonly<Record<string, unknown>>): Asked | null {
	const { messages, contents, prompt, input } = request;
	if (Array.isArray(messages)) return fromTurns(messages, request.system);
	if (Array.isArray(contents)) return fromTurns(contents, request.systemInstruction ?? request.system_instruction);
	if (Array.isArray(input) && input.some(isTurn)) return fromTurns(input, request.instructions);
	const text = textIn(prompt ?? input);
	return text === "" ? null : { system: emptyAsNull(textIn(request.instructions)), text };
}

function fromTurns(turns: readonly unknown[], system: unknown): Asked | null {
	const said = turns.filter(isTurn);
	const instructions = said.filter(({ role }) => role === "system" || role === "developer").map(textIn);
	const last = said.findLast(({ role }) => role !== "system" && role !== "developer");
	const text = last === undefined ? "" : textIn(last);
	if (text === "") return null;
	return { system: emptyAsNull([textIn(system), ...instructions].filter((part) => part !== "").join("\n\n")), text };
}

/** The text in a message, a part, a list of parts, or a text. */
function textIn(value: unknown): string {
	if (typeof value === "string") return value;
	if (Array.isArray(value)) {
		return value
			.map(textIn)
			.filter((part) => part !== "")
			.join("\n");
	}
	if (!isObject(value)) return "";
	return textIn(value.text ?? value.content ?? value.parts ?? "");
}

function isTurn(value: unknown): value is Readonly<Record<string, unknown>> {
	return isObject(value) && ("content" in value || "parts" in value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function emptyAsNull(text: string): string | null {
	return text === "" ? null : text;
}
