/** Tools and the choice among them: OpenAI's three ways to say it into the engine's one. */
import type { ChatRequest, FunctionDefinition, ToolChoiceParam } from "../../contract/contract.ts";
import type { ToolChoice, ToolDefinition } from "../request.ts";
import type { RequestFault } from "./translation.ts";

/** Tools as the engine takes them. */
export interface TranslatedTools {
	readonly tools: readonly ToolDefinition[];
	readonly toolChoice: ToolChoice;
	/** The request used `functions`, so the answer must use `function_call`. */
	readonly legacy: boolean;
}

/** Reads tools and tool choice, or the older functions and function call. */
export function translateTools(request: ChatRequest, faults: RequestFault[]): TranslatedTools {
	const functions = request.functions ?? [];
	if (functions.length > 0 && (request.tools ?? []).length > 0) {
		faults.push({
			message: "Give either 'tools' or the older 'functions', not both.",
			param: "functions",
			code: "invalid_value",
		});
	}
	if (functions.length > 0) return translateFunctions(request, functions, faults);
	const tools = definedTools(request, faults);
	const choice = request.tool_choice ?? null;
	if (choice === null) return { tools, toolChoice: { kind: tools.length > 0 ? "auto" : "none" }, legacy: false };
	return { ...chooseTool(choice, tools, faults), legacy: false };
}

function translateFunctions(
	request: ChatRequest,
	functions: readonly FunctionDefinition[],
	faults: RequestFault[],
): TranslatedTools {
	const tools = functions.map(defineTool);
	const call = request.function_call ?? "auto";
	if (typeof call === "string") return { tools, toolChoice: { kind: call }, legacy: true };
	return { tools, toolChoice: nameTool(call.name, tools, "function_call.name", faults), legacy: true };
}

function definedTools(request: ChatRequest, faults: RequestFault[]): readonly ToolDefinition[] {
	const tools: ToolDefinition[] = [];
	for (const [index, tool] of (request.tools ?? []).entries()) {
		if (tool.type !== "function") {
			faults.push({
				message: `Unsupported 'tools[${index}].type': '${tool.type}'. Only tools of type 'function' can be called here.`,
				param: `tools[${index}].type`,
				code: "unsupported_value",
			});
		} else if (tool.function === undefined) {
			faults.push({
				message: `Missing required parameter: 'tools[${index}].function'. Give it as an object.`,
				param: `tools[${index}].function`,
				code: "missing_required_parameter",
			});
		} else {
			tools.push(defineTool(tool.function));
		}
	}
	return tools;
}

/** A function as the engine knows it. */
export function defineTool(definition: FunctionDefinition): ToolDefinition {
	return {
		name: definition.name,
		...(typeof definition.description === "string" ? { description: definition.description } : {}),
		...(definition.parameters === null || definition.parameters === undefined
			? {}
			: { parameters: definition.parameters }),
	};
}

type Chosen = Pick<TranslatedTools, "tools" | "toolChoice">;

function chooseTool(choice: ToolChoiceParam, tools: readonly ToolDefinition[], faults: RequestFault[]): Chosen {
	if (choice === "none" || choice === "auto") return { tools, toolChoice: { kind: choice } };
	if (tools.length === 0) {
		faults.push({
			message: "'tool_choice' asks for a call, but there are no 'tools' to call. Add them or leave 'tool_choice' out.",
			param: "tool_choice",
			code: "invalid_value",
		});
		return { tools, toolChoice: { kind: "none" } };
	}
	if (choice === "required") return { tools, toolChoice: { kind: "required" } };
	if (choice.type === "function" && choice.function !== undefined) {
		return { tools, toolChoice: nameTool(choice.function.name, tools, "tool_choice.function.name", faults) };
	}
	if (choice.type === "allowed_tools" && choice.allowed_tools !== undefined) {
		return allowTools(choice.allowed_tools, tools, faults);
	}
	faults.push({
		message: `Unsupported 'tool_choice.type': '${choice.type}'. Use 'function' with 'function.name', or 'allowed_tools'.`,
		param: "tool_choice.type",
		code: "unsupported_value",
	});
	return { tools, toolChoice: { kind: "auto" } };
}

/** The model is shown only the tools it is allowed: it can't call what it does not know. */
function allowTools(
	allowed: NonNullable<Exclude<ToolChoiceParam, string>["allowed_tools"]>,
	tools: readonly ToolDefinition[],
	faults: RequestFault[],
): Chosen {
	const names = new Set<string>();
	for (const [index, tool] of allowed.tools.entries()) {
		const param = `tool_choice.allowed_tools.tools[${index}].function.name`;
		const name = tool.function?.name ?? "";
		nameTool(name, tools, param, faults);
		names.add(name);
	}
	return { tools: tools.filter((tool) => names.has(tool.name)), toolChoice: { kind: allowed.mode } };
}

/** A choice of one tool by name; where there is no such tool, a fault that lists those there are. */
export function nameTool(
	name: string,
	tools: readonly ToolDefinition[],
	param: string,
	faults: RequestFault[],
): ToolChoice {
	if (!tools.some((tool) => tool.name === name)) {
		const known = tools.map((tool) => `'${tool.name}'`).join(", ");
		faults.push({
			message: `Invalid value for '${param}': there is no tool '${name}'. The tools are: ${known}.`,
			param,
			code: "invalid_value",
		});
	}
	return { kind: "named", name };
}
