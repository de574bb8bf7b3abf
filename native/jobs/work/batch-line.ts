import type { FileRequest } from "../formats/formats.ts";

/**
 * Text by which lines are put in order so that neighbours share as long a start of their prompts as possible: the model keeps
 * what it has already read of a shared start.
 */
export function promptText({ body }: FileRequest): string {
	const system = body.system ?? body.systemInstruction ?? body.system_instruction ?? body.instructions;
	return JSON.stringify([body.tools, system, body.messages ?? body.contents ?? body.prompt ?? body.input]);
}
