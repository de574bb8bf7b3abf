/**
 * Tools of a responses request and the choice among them. A custom tool, whose input is free text, is offered to the model as a
 * function with that text as its one argument.
 */
import type { ResponsesRequest, ResponsesToolChoiceParam, ResponsesToolParam } from "../../contract/contract.ts";
import type { ToolChoice, ToolDefinition } from "../request.ts";
import { defineTool, nameTool } from "./chat-tools.ts";
import type { RequestFault } from "./translation.ts";

/** A tool the model is told of. */
export interface OfferedTool {
	/** Its input is free text, and its calls are written so. */
	readonly isCustom: boolean;
	/** As the request names it. */
	readonly name: string;
	readonly namespace: string | null;
	/** As the model knows it. */
	readonly definition: ToolDefinition;
}

/** Tools as the engine takes them, and as the reply tells of them. */
export interface ResponsesTools {
	readonly tools: readonly ToolDefinition[];
	readonly toolChoice: ToolChoice;
	/** By the names the model knows them by. */
	readonly offered: ReadonlyMap<string, OfferedTool>;
	/** Those of the request's `tools` that were understood, in the request's own shape. */
	readonly understood: readonly { readonly [key: string]: unknown }[];
}

/**
 * Reads tools and tool choice. Tools of a type that no one here can call are left out, not refused: clients send them to all.
 * Newer clients send tools as items of the input; they count like the others.
 */
export function translateResponsesTools(request: ResponsesRequest, faults: RequestFault[]): ResponsesTools {
	const found = readTools(request.tools ?? [], null, "tools", faults);
	for (const [index, item] of (typeof request.input === "string" ? [] : request.input).entries()) {
		if (item.type === "additional_tools") found.push(...readTools(item.tools, null, `input[${index}].tools`, faults));
	}
	const offered = new Map(found.map((tool) => [tool.definition.name, tool]));
	return {
		...chooseTool(request.tool_choice ?? "auto", [...offered.values()], faults),
		offered,
		understood: (request.tools ?? []).flatMap(tellTool),
	};
}

function readTools(
	tools: readonly ResponsesToolParam[],
	namespace: string | null,
	path: string,
	faults: RequestFault[],
): OfferedTool[] {
	return tools.flatMap((tool, index): readonly OfferedTool[] => {
		const { type, name } = tool;
		if (!isRead(type)) return [];
		if (name === undefined) {
			const param = `${path}[${index}].name`;
			const message = `Missing required parameter: '${param}'. Give it as a string.`;
			faults.push({ message, param, code: "missing_required_parameter" });
			return [];
		}
		if (type === "namespace") return readTools(tool.tools ?? [], name, `${path}[${index}].tools`, faults);
		const isCustom = type === "custom";
		const known = offeredName({ name, namespace });
		const definition = isCustom ? defineCustom(known, tool) : defineTool({ ...tool, name: known });
		return [{ isCustom, name, namespace, definition }];
	});
}

/** The name the model knows a tool by: models have no namespaces. */
export function offeredName(tool: { readonly name: string; readonly namespace?: string | null | undefined }): string {
	return typeof tool.namespace === "string" ? `${tool.namespace}__${tool.name}` : tool.name;
}

function isCallable(type: string): boolean {
	return type === "function" || type === "custom";
}

function isRead(type: string): boolean {
	return isCallable(type) || type === "namespace";
}

function defineCustom(name: string, { description, format }: ResponsesToolParam): ToolDefinition {
	const grammar =
		format?.definition === undefined
			? []
			: [`The input must follow this ${format.syntax ?? ""} grammar:\n${format.definition}`];
	return {
		name,
		description: [...(typeof description === "string" ? [description] : []), ...grammar].join("\n\n"),
		parameters: {
			type: "object",
			properties: { input: { type: "string", description: "The tool's whole input, as free text." } },
			required: ["input"],
			additionalProperties: false,
		},
	};
}

function tellTool(tool: ResponsesToolParam): readonly { readonly [key: string]: unknown }[] {
	const { type, name } = tool;
	const description = tool.description ?? null;
	switch (type) {
		case "function":
			return [{ type, name, description, parameters: tool.parameters ?? null, strict: tool.strict ?? null }];
		case "custom":
			return [{ type, name, description, format: tool.format ?? { type: "text" } }];
		case "namespace":
			return [{ type, name, description, tools: (tool.tools ?? []).flatMap(tellTool) }];
		default:
			return [];
	}
}

/** The arguments of a custom tool's function for an input. */
export function customArguments(input: string): string {
	return JSON.stringify({ input });
}

/** The input in the arguments the model wrote for a custom tool; what is not in the shape asked for is taken as it is. */
export function customInput(argumentsJson: string): string {
	try {
		const value: unknown = JSON.parse(argumentsJson);
		if (typeof value === "object" && value !== null && "input" in value && typeof value.input === "string") {
			return value.input;
		}
	} catch {
		// Not JSON: the model forgot the wrapping and wrote the text itself.
	}
	return argumentsJson;
}

type Chosen = Pick<ResponsesTools, "tools" | "toolChoice">;

function chooseTool(choice: ResponsesToolChoiceParam, offered: readonly OfferedTool[], faults: RequestFault[]): Chosen {
	const tools = offered.map((tool) => tool.definition);
	if (choice === "none") return { tools, toolChoice: { kind: "none" } };
	if (choice === "auto") return { tools, toolChoice: { kind: tools.length > 0 ? "auto" : "none" } };
	if (tools.length === 0) {
		faults.push({
			message:
				"'tool_choice' asks for a call, but 'tools' has none of type 'function' or 'custom', which are those that can be called here. Add one or leave 'tool_choice' out.",
			param: "tool_choice",
			code: "invalid_value",
		});
		return { tools, toolChoice: { kind: "none" } };
	}
	if (choice === "required") return { tools, toolChoice: { kind: "required" } };
	if (isCallable(choice.type)) {
		return { tools, toolChoice: nameTool(findName(choice.name, offered), tools, "tool_choice.name", faults) };
	}
	if (choice.type === "allowed_tools") return allowTools(choice, offered, faults);
	faults.push({
		message: `Unsupported 'tool_choice.type': '${choice.type}'. Use 'function' or 'custom' with 'name', or 'allowed_tools'.`,
		param: "tool_choice.type",
		code: "unsupported_value",
	});
	return { tools, toolChoice: { kind: "auto" } };
}

/** The model is shown only the tools it is allowed: it can't call what it does not know. */
function allowTools(
	choice: Exclude<ResponsesToolChoiceParam, string>,
	offered: readonly OfferedTool[],
	faults: RequestFault[],
): Chosen {
	const tools = offered.map((tool) => tool.definition);
	const names = new Set<string>();
	for (const [index, tool] of (choice.tools ?? []).entries()) {
		if (!isCallable(tool.type)) continue;
		const name = findName(tool.name, offered);
		nameTool(name, tools, `tool_choice.tools[${index}].name`, faults);
		names.add(name);
	}
	const allowed = tools.filter((tool) => names.has(tool.name));
	if (allowed.length > 0) return { tools: allowed, toolChoice: { kind: choice.mode ?? "auto" } };
	faults.push({
		message: "'tool_choice.tools' allows no tool of 'tools' that can be called here. Name at least one.",
		param: "tool_choice.tools",
		code: "invalid_value",
	});
	return { tools, toolChoice: { kind: "none" } };
}

/** The name the model knows a tool by, from the one a choice gives. */
function findName(name: string | undefined, offered: readonly OfferedTool[]): string {
	return offered.find((tool) => tool.name === name)?.definition.name ?? name ?? "";
}
