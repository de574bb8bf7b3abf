/**
 * Grammars for answers that must have a shape. Owns which requests need one and keeps the last ones ready, because the lines
 * of a batch mostly share theirs. Must never sample.
 */
import { type LlamaGrammar, LlamaGrammarEvaluationState, type LlamaModel } from "node-llama-cpp";
import { assertNever, err, ok, type Result } from "../../base/base.ts";
import type { EngineFailure } from "../engine.ts";
import type { GenerateRequest, ToolDefinition } from "../request.ts";
import { invalid } from "./prompt.ts";
import type { SchemaProblem } from "./schema/parts.ts";
import { createRuleBook, quoted, type RuleBook } from "./schema/rules.ts";
import { addSchema } from "./schema/schema.ts";
import type { ToolStyle } from "./tools.ts";

/** A grammar an answer must follow. */
export interface AnswerGrammar {
	/** A fresh state, one an answer. */
	createState(): LlamaGrammarEvaluationState;
}

/** Makes grammars for one model. */
export interface GrammarFactory {
	/** The grammar a request needs, or null where it needs none. */
	plan(request: GenerateRequest, toolStyle: ToolStyle | null): Promise<Result<AnswerGrammar | null, EngineFailure>>;
}

/** Grammars kept ready. A batch has one or a few; compiled ones are small. */
const KEPT_GRAMMARS = 32;
/** Longest grammar handed to llama.cpp: larger ones take minutes a token. */
const GRAMMAR_LENGTH_LIMIT = 512 * 1024;

/** A factory that remembers what it made last. */
export function createGrammarFactory(model: LlamaModel): GrammarFactory {
	const kept = new Map<string, LlamaGrammar>();
	const compile = async (text: string): Promise<LlamaGrammar | null> => {
		const known = kept.get(text);
		if (known !== undefined) return known;
		try {
			const grammar = await model.llama.createGrammar({ grammar: text });
			kept.set(text, grammar);
			const oldest = kept.keys().next().value;
			if (kept.size > KEPT_GRAMMARS && oldest !== undefined) kept.delete(oldest);
			return grammar;
		} catch {
			// llama.cpp's parser has limits of its own; it has said why in the log, and the caller refuses the request.
			return null;
		}
	};
	return {
		async plan(request, toolStyle) {
			const text = grammarText(request, toolStyle);
			if (!text.ok) return text;
			if (text.value === null) return ok(null);
			const param = request.format.kind === "text" ? "tools" : "response_format";
			if (text.value.length > GRAMMAR_LENGTH_LIMIT)
				return err(invalid("The schema is too large to be enforced.", param));
			const grammar = await compile(text.value);
			if (grammar === null) return err(invalid("The schema is too complex to be enforced: make it simpler.", param));
			return ok({ createState: () => new LlamaGrammarEvaluationState({ model, grammar }) });
		},
	};
}

/** The grammar's text, or null where the answer is free. Pure. */
export function grammarText(
	request: GenerateRequest,
	toolStyle: ToolStyle | null,
): Result<string | null, EngineFailure> {
	const { prompt, format } = request;
	if (toolStyle !== null && prompt.kind === "chat") {
		if (prompt.toolChoice.kind === "required" || prompt.toolChoice.kind === "named") {
			const { toolChoice } = prompt;
			const tools = prompt.tools.filter((tool) => toolChoice.kind === "required" || tool.name === toolChoice.name);
			if (tools.length === 0) {
				return err(invalid("The tool that must be called is not among the tools.", "tool_choice"));
			}
			return toolGrammar(toolStyle, tools, prompt.parallelToolCalls);
		}
	}
	switch (format.kind) {
		case "text":
			return ok(null);
		case "json": {
			const rules = createRuleBook();
			return ok(rules.print(rules.use("object")));
		}
		case "json-schema": {
			const rules = createRuleBook();
			const expression = addSchema(rules, format.schema);
			if (!expression.ok) return err(invalid(describe(expression.error), "response_format"));
			return ok(rules.print(expression.value));
		}
		default:
			return assertNever(format);
	}
}

function describe(problem: SchemaProblem): string {
	const what = problem.keyword === null ? problem.path : `"${problem.keyword}" at ${problem.path}`;
	return `The JSON schema can't be honoured: ${what}: ${problem.message}.`;
}

/** Grammar of one or more calls in the model's own style. */
function toolGrammar(
	style: ToolStyle,
	tools: readonly ToolDefinition[],
	parallel: boolean,
): Result<string, EngineFailure> {
	const rules = createRuleBook();
	const ws = rules.use("ws");
	const calls: string[] = [];
	for (const tool of tools) {
		const schema = tool.parameters ?? { type: "object", properties: {} };
		const expression = addSchema(rules, schema);
		if (!expression.ok) return err(invalid(`Tool ${tool.name}: ${describe(expression.error)}`, "tools"));
		const key = style.name === "llama" ? "parameters" : "arguments";
		const body = `"{" ${ws} "\\"name\\":" ${ws} ${quoted(JSON.stringify(tool.name))} "," ${ws} "\\"${key}\\":" ${ws} ${expression.value} ${ws} "}"`;
		calls.push(rules.add("call", body));
	}
	return ok(rules.print(wrapCalls(style, rules, `( ${calls.join(" | ")} )`, parallel)));
}

function wrapCalls(style: ToolStyle, rules: RuleBook, call: string, parallel: boolean): string {
	switch (style.name) {
		case "hermes": {
			const one = rules.add("one", `"<tool_call>\\n" ${call} "\\n</tool_call>"`);
			return parallel ? `${one} ( "\\n" ${one} )*` : one;
		}
		case "llama":
			return call;
		case "mistral": {
			const more = parallel ? ` ( ", " ${call} )*` : "";
			return `"[TOOL_CALLS]" " "? "[" ${call}${more} "]"`;
		}
		default:
			return assertNever(style.name);
	}
}
