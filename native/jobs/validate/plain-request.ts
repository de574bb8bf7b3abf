/**
 * A quick look that tells the common shapes of requests from all others. It may say no to anything; where it says yes, the
 * endpoint's dialect would say yes too (a property test holds it to that). Nine of ten batch files have only such lines, and
 * for them it saves the schema's work.
 */

type Body = { readonly [key: string]: unknown };

/**
 * True: this body is certainly a request that the endpoint's dialect accepts. With a default model it needs to name none. Of
 * Anthropic's and Google's bodies it never says so: their files are rare.
 */
export function isPlainRequest(endpoint: string, body: Body, hasDefaultModel = false): boolean {
	switch (endpoint) {
		case "/v1/chat/completions":
			return isPlainBody(body, "messages", isPlainMessages, hasDefaultModel);
		case "/v1/completions":
			return isPlainBody(body, "prompt", isText, hasDefaultModel);
		case "/v1/embeddings":
			return isPlainBody(body, "input", isFilledText, hasDefaultModel);
		default:
			return false;
	}
}

function isPlainBody(
	body: Body,
	inputKey: string,
	isPlainInput: (value: unknown) => boolean,
	hasDefaultModel: boolean,
): boolean {
	const isEmbedding = inputKey === "input";
	let hasModel = hasDefaultModel && body.model === undefined;
	let hasInput = false;
	for (const key in body) {
		const value = body[key];
		if (key === "model") hasModel = isFilledText(value);
		else if (key === inputKey) hasInput = isPlainInput(value);
		else if (isEmbedding || !isPlainSetting(key, value)) return false;
	}
	return hasModel && hasInput;
}

function isPlainSetting(key: string, value: unknown): boolean {
	switch (key) {
		case "temperature":
			return isWithin(value, 0, 2);
		case "top_p":
			return isWithin(value, 0, 1);
		case "presence_penalty":
		case "frequency_penalty":
			return isWithin(value, -2, 2);
		case "max_tokens":
			return isWhole(value) && value >= 1;
		case "seed":
			return isWhole(value);
		case "stop":
			return isFilledText(value);
		case "stream":
			return value === false;
		case "user":
			return isText(value);
		default:
			return key === "max_completion_tokens" && isWhole(value) && value >= 1;
	}
}

function isPlainMessages(messages: unknown): boolean {
	if (!Array.isArray(messages) || messages.length === 0) return false;
	for (const message of messages) {
		if (!isPlainMessage(message)) return false;
	}
	return true;
}

function isPlainMessage(message: unknown): boolean {
	if (typeof message !== "object" || message === null || !("role" in message) || !("content" in message)) return false;
	for (const key in message) {
		if (key !== "role" && key !== "content") return false;
	}
	const { role, content } = message;
	return typeof content === "string" && (role === "user" || role === "system" || role === "assistant");
}

function isText(value: unknown): value is string {
	return typeof value === "string";
}

function isFilledText(value: unknown): value is string {
	return typeof value === "string" && value !== "";
}

function isWhole(value: unknown): value is number {
	return Number.isSafeInteger(value);
}

function isWithin(value: unknown, least: number, most: number): boolean {
	return typeof value === "number" && value >= least && value <= most;
}
