/**
 * Chat templates: messages to the text the model was trained on. Owns the rendering of templates that come with model files,
 * which are programs of strangers. Must never tokenize.
 */
import { createContext, Script } from "node:vm";
import { Template } from "@huggingface/jinja";
import { err, ok, type Result } from "../../base/base.ts";

/** Renders chats. */
export interface ChatTemplate {
	/** The template's source, for telling its style of tools and reasoning. */
	readonly source: string;
	/** What people should know, e.g. that the model file has no template of its own. */
	readonly note: string | null;
	/** Text for these variables, or why the template refuses them. */
	render(variables: Readonly<Record<string, unknown>>): Result<string, string>;
}

/** Used where a model file has no usable template. What most chat models of unknown origin understand. */
export const CHATML_TEMPLATE = `{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}`;

/** A template may loop for ever; real ones take well under a millisecond a message, even at thousands of messages. */
const RENDER_TIMEOUT_MS = 3_000;
/** Longest text a template may make: far beyond any context, far below what would exhaust the process. */
const RENDERED_LENGTH_LIMIT = 64 * 1024 * 1024;

/** Compiles a template, falling back to ChatML when there is none or it is broken. */
export function createChatTemplate(source: string | null): ChatTemplate {
	if (source === null) {
		return compile(CHATML_TEMPLATE, "The model file has no chat template; ChatML is used.");
	}
	try {
		return compile(source, null);
	} catch (error) {
		return compile(
			CHATML_TEMPLATE,
			`The model file's chat template can't be read (${reasonOf(error)}); ChatML is used.`,
		);
	}
}

function compile(source: string, note: string | null): ChatTemplate {
	const template = new Template(source);
	let variables: Readonly<Record<string, unknown>> = {};
	// The template runs here, in this realm; `vm` only lends its watchdog, which stops any code it called.
	const sandbox = createContext({ render: () => template.render({ ...variables }) });
	const script = new Script("render()");
	return {
		source,
		note,
		render(given) {
			variables = given;
			try {
				const text: unknown = script.runInContext(sandbox, { timeout: RENDER_TIMEOUT_MS });
				if (typeof text !== "string") return err("it gave no text");
				if (text.length > RENDERED_LENGTH_LIMIT) return err("it gave more text than any context holds");
				return ok(text);
			} catch (error) {
				return err(reasonOf(error));
			}
		},
	};
}

function reasonOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
