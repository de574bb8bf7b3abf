import { z } from "zod";

const requestSchema = z.object({ url: z.string(), body: z.object({ model: z.string() }) });

/** What the first line of a batch file asks, where it can be told. */
export interface FirstRequest {
	readonly url: string;
	readonly model: string;
}

/** Enough of a file to see its first line in all but odd cases; where it is longer, validation says what is wrong. */
const PEEK_BYTES = 1 << 20;

/** Looks at the start of a batch file. Null: there is no sound first line, which validation will report in full. */
export async function peekFirstRequest(bytes: AsyncIterable<Uint8Array>): Promise<FirstRequest | null> {
	const chunks: Uint8Array[] = [];
	let sizeBytes = 0;
	for await (const chunk of bytes) {
		chunks.push(chunk);
		sizeBytes += chunk.length;
		if (sizeBytes >= PEEK_BYTES) break;
	}
	const text = Buffer.concat(chunks)
		.toString("utf8")
		.replace(/^\uFEFF/, "");
	const line = text.split("\n").find((candidate) => candidate.trim() !== "");
	const parsed = requestSchema.safeParse(parseJson(line ?? ""));
	return parsed.success ? { url: parsed.data.url, model: parsed.data.body.model } : null;
}

/** Undefined for text that is not JSON. */
function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
