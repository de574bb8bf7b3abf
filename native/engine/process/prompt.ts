/**
 * What a request asks the model to continue, as tokens. Owns the choice between chat, text, tokens and fill-in-the-middle.
 * Must never run anything.
 */
import type { Token } from "node-llama-cpp";
import { assertNever, err, ok, type Result } from "../../base/base.ts";
import type { EngineFailure } from "../engine.ts";
import type { ChatMessage, GenerateRequest, Prompt, ToolDefinition } from "../request.ts";
import type { ChatTemplate } from "./template.ts";
import type { Vocabulary } from "./tokens.ts";

/** A prompt that is ready to run. */
export interface PreparedPrompt {
	readonly tokens: readonly Token[];
	/** End of the rendered text, for telling whether the template opened a thinking block. */
	readonly tail: string;
	/** The prompt as text, for `echo`. */
	readonly text: string;
}

/** What preparing a prompt needs. */
export interface PromptDeps {
	readonly vocabulary: Vocabulary;
	readonly template: ChatTemplate;
	/** The model's tokens for fill-in-the-middle; null where it has none. */
	readonly fill: FillTokens | null;
}

/** Tokens around the parts of a fill-in-the-middle prompt. */
export interface FillTokens {
	readonly prefix: Token;
	readonly middle: Token;
	readonly suffix: Token;
}

/** How much of the end of a rendered chat is kept for inspection. */
const TAIL_LENGTH = 64;

/** Builds the refusal of a request. */
export function invalid(message: string, param: string | null): EngineFailure {
	return { kind: "invalid-request", message, param };
}

/** Turns a request's prompt into tokens. */
export function preparePrompt(deps: PromptDeps, request: GenerateRequest): Result<PreparedPrompt, EngineFailure> {
	const { prompt } = request;
	switch (prompt.kind) {
		case "chat":
			return prepareChat(deps, prompt, request.templateVariables ?? {});
		case "text": {
			const tokens = deps.vocabulary.withBeginning(deps.vocabulary.tokenizeTrusted(prompt.text));
			return finish(tokens, prompt.text);
		}
		case "tokens":
			return prepareTokens(deps, prompt.tokens);
		case "fill":
			return prepareFill(deps, prompt);
		default:
			return assertNever(prompt);
	}
}

function finish(tokens: readonly Token[], text: string): Result<PreparedPrompt, EngineFailure> {
	if (tokens.length === 0) return err(invalid("The prompt is empty: give it at least one token.", "prompt"));
	return ok({ tokens, text, tail: text.slice(-TAIL_LENGTH) });
}

function prepareTokens(deps: PromptDeps, ids: readonly number[]): Result<PreparedPrompt, EngineFailure> {
	const tokens: Token[] = [];
	const decoder = new TextDecoder();
	let text = "";
	for (const [index, id] of ids.entries()) {
		if (!deps.vocabulary.isToken(id)) {
			const range = `0 to ${deps.vocabulary.size - 1}`;
			return err(invalid(`Token ${id} at position ${index} is not one of this model's tokens (${range}).`, "prompt"));
		}
		tokens.push(id);
		text += decoder.decode(deps.vocabulary.bytes(id), { stream: true });
	}
	return finish(tokens, text);
}

function prepareFill(
	deps: PromptDeps,
	prompt: { readonly prefix: string; readonly suffix: string },
): Result<PreparedPrompt, EngineFailure> {
	const { fill, vocabulary } = deps;
	if (fill === null) {
		const message = "This model has no tokens for filling in the middle: leave the suffix out or use a code model.";
		return err(invalid(message, "suffix"));
	}
	const tokens = vocabulary.withBeginning([
		fill.prefix,
		...vocabulary.tokenizePlain(prompt.prefix),
		fill.suffix,
		...vocabulary.tokenizePlain(prompt.suffix),
		fill.middle,
	]);
	return ok({ tokens, text: prompt.prefix, tail: "" });
}

function prepareChat(
	deps: PromptDeps,
	prompt: Extract<Prompt, { kind: "chat" }>,
	extra: Readonly<Record<string, string | number | boolean>>,
): Result<PreparedPrompt, EngineFailure> {
	const guard = createGuard(deps.vocabulary.controlNames);
	const tools = prompt.toolChoice.kind === "none" ? [] : prompt.tools.map(toTemplateTool);
	const variables = {
		...Object.fromEntries(Object.entries(extra).map(([name, value]) => [name, guard.protect(value)])),
		messages: guard.protect(prompt.messages.map(toTemplateMessage)),
		...(tools.length > 0 ? { tools: guard.protect(tools) } : {}),
		add_generation_prompt: true,
		bos_token: deps.vocabulary.beginningText,
		eos_token: deps.vocabulary.endText,
	};
	const rendered = deps.template.render(variables);
	if (!rendered.ok) {
		return err(invalid(`The model's chat template refuses these messages: ${rendered.error}.`, "messages"));
	}
	const tokens = deps.vocabulary.withBeginning(guard.tokenize(rendered.value, deps.vocabulary));
	return finish(tokens, guard.restore(rendered.value));
}

/** Keeps control tokens out of what users wrote, across a template that mixes it with its own text. */
interface Guard {
	protect(value: unknown): unknown;
	tokenize(rendered: string, vocabulary: Vocabulary): Token[];
	restore(rendered: string): string;
}

/**
 * Swaps each control token's name inside user text for a mark no text can hold by chance, so that the template sees the
 * rest of the text as it is; after rendering, the marks become their text again, tokenized as plain text.
 */
function createGuard(names: RegExp | null): Guard {
	const found: string[] = [];
	const nonce = Math.random().toString(36).slice(2);
	const mark = new RegExp(`\uE000${nonce}:(\\d+)\uE001`, "g");
	const hide = (text: string): string =>
		names === null
			? text
			: text.replace(names, (name) => {
					found.push(name);
					return `\uE000${nonce}:${found.length - 1}\uE001`;
				});
	const protect = (value: unknown): unknown => {
		if (typeof value === "string") return hide(value);
		if (Array.isArray(value)) return value.map(protect);
		if (typeof value !== "object" || value === null) return value;
		return Object.fromEntries(Object.entries(value).map(([key, inner]) => [hide(key), protect(inner)]));
	};
	return {
		protect,
		restore: (rendered) => rendered.replace(mark, (_, index: string) => found[Number(index)] ?? ""),
		tokenize(rendered, vocabulary) {
			if (found.length === 0) return vocabulary.tokenizeTrusted(rendered);
			// Splitting by a pattern with one group alternates between the template's text and the marks' numbers.
			return rendered.split(mark).flatMap((part, position) => {
				if (position % 2 === 0) return vocabulary.tokenizeTrusted(part);
				return vocabulary.tokenizePlain(found[Number(part)] ?? "");
			});
		},
	};
}

/** A tool as chat templates expect it: OpenAI's wire shape. */
function toTemplateTool(tool: ToolDefinition): unknown {
	return {
		type: "function",
		function: {
			name: tool.name,
			description: tool.description ?? "",
			parameters: tool.parameters ?? { type: "object", properties: {} },
		},
	};
}

/** A message as chat templates expect it: OpenAI's wire shape, arguments as objects where they are valid JSON. */
function toTemplateMessage(message: ChatMessage): unknown {
	switch (message.role) {
		case "system":
		case "user":
			return { role: message.role, content: message.content };
		case "assistant":
			return {
				role: "assistant",
				content: message.content,
				...(message.reasoning === undefined ? {} : { reasoning_content: message.reasoning }),
				...(message.toolCalls === undefined || message.toolCalls.length === 0
					? {}
					: {
							tool_calls: message.toolCalls.map((call) => ({
								id: call.id,
								type: "function",
								function: { name: call.name, arguments: parseOrKeep(call.argumentsJson) },
							})),
						}),
			};
		case "tool":
			return {
				role: "tool",
				content: message.content,
				tool_call_id: message.toolCallId,
				...(message.name === undefined ? {} : { name: message.name }),
			};
		default:
			return assertNever(message);
	}
}

function parseOrKeep(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// Models write broken arguments; the template shows the model what it wrote.
		return text;
	}
}
