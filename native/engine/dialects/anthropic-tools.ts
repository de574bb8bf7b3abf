/** Tools and the choice among them: Anthropic's into the engine's. */
import type { CountTokensRequest } from "../../contract/contract.ts";
import type { ToolChoice, ToolDefinition } from "../request.ts";
import { missing } from "./anthropic-faults.ts";
import { nameTool } from "./chat-tools.ts";
import type { RequestFault } from "./translation.ts";

/** Tools as the engine takes them. */
export interface MessagesTools {
	readonly tools: readonly ToolDefinition[];
	readonly toolChoice: ToolChoice;
	readonly parallelToolCalls: boolean;
}

type ToolParam = NonNullable<CountTokensRequest["tools"]>[number];
type ToolChoiceParam = NonNullable<CountTokensRequest["tool_choice"]>;

/** Reads tools and tool choice. */
export function translateMessagesTools(
	request: Pick<CountTokensRequest, "tools" | "tool_choice">,
	faults: RequestFault[],
): MessagesTools {
	const tools = (request.tools ?? []).flatMap((tool, index) => defineTool(tool, index, faults));
	const choice = request.tool_choice ?? null;
	if (choice === null) {
		return { tools, toolChoice: { kind: tools.length > 0 ? "auto" : "none" }, parallelToolCalls: true };
	}
	return {
		tools,
		toolChoice: chooseTool(choice, tools, faults),
		parallelToolCalls: choice.type === "none" || choice.disable_parallel_tool_use !== true,
	};
}

function defineTool(tool: ToolParam, index: number, faults: RequestFault[]): readonly ToolDefinition[] {
	const { type = null, name, description = null, input_schema: parameters = null } = tool;
	if (name !== undefined && parameters !== null) {
		return [{ name, ...(description === null ? {} : { description }), parameters }];
	}
	if (type !== null && type !== "custom") {
		const param = `tools[${index}].type`;
		faults.push({
			message: `Unsupported '${param}': '${type}'. Tools that Anthropic runs or trained its models for can't be used here; leave it out, or describe the tool by 'name', 'description' and 'input_schema'.`,
			param,
			code: "unsupported_value",
		});
		return [];
	}
	if (name === undefined) faults.push(missing(["tools", index, "name"], "a string"));
	if (parameters === null) faults.push(missing(["tools", index, "input_schema"], "an object"));
	return [];
}

function chooseTool(choice: ToolChoiceParam, tools: readonly ToolDefinition[], faults: RequestFault[]): ToolChoice {
	if (choice.type === "none" || choice.type === "auto") return { kind: choice.type };
	if (tools.length === 0) {
		faults.push({
			message: "'tool_choice' asks for a tool, but there are no 'tools' to use. Add them or leave 'tool_choice' out.",
			param: "tool_choice",
			code: "invalid_value",
		});
		return { kind: "none" };
	}
	return choice.type === "tool" ? nameTool(choice.name, tools, "tool_choice.name", faults) : { kind: "required" };
}
