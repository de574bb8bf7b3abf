/** Functions and the choice among them: Gemini's into the engine's. */
import { assertNever } from "../../base/base.ts";
import type { GeminiFunctionCalling, GeminiTool, GenerateContentRequest } from "../../contract/contract.ts";
import type { ToolChoice, ToolDefinition } from "../request.ts";
import { nameTool } from "./chat-tools.ts";
import { toJsonSchema } from "./gemini-schema.ts";
import type { RequestFault } from "./translation.ts";

/** Tools as the engine takes them. */
export interface GeminiTools {
	readonly tools: readonly ToolDefinition[];
	readonly toolChoice: ToolChoice;
}

const CONFIG = "toolConfig.functionCallingConfig";

/** Reads tools and the choice among them; what can't be honoured goes to `faults`. */
export function translateGeminiTools(
	{ tools: given, toolConfig }: Pick<GenerateContentRequest, "tools" | "toolConfig">,
	faults: RequestFault[],
): GeminiTools {
	const tools = (given ?? []).flatMap((tool, index) => defineFunctions(tool, index, faults));
	const { mode, allowedFunctionNames } = toolConfig?.functionCallingConfig ?? {};
	return choose(mode ?? "MODE_UNSPECIFIED", allowedFunctionNames ?? [], tools, faults);
}

function defineFunctions(tool: GeminiTool, index: number, faults: RequestFault[]): readonly ToolDefinition[] {
	for (const [key, value] of Object.entries(tool)) {
		if (key === "functionDeclarations" || value === null || value === undefined) continue;
		const param = `tools[${index}].${key}`;
		const message = `Unsupported '${param}'. Tools that Google runs can't be used here; leave it out, or declare functions of your own in 'tools[${index}].functionDeclarations'.`;
		faults.push({ message, param, code: "unsupported_parameter" });
	}
	return (tool.functionDeclarations ?? []).map((declared, place) => {
		const { name, description, parameters, parametersJsonSchema } = declared;
		const schema = parametersJsonSchema ?? parameters ?? null;
		if (isGiven(parameters) && isGiven(parametersJsonSchema)) {
			const param = `tools[${index}].functionDeclarations[${place}].parametersJsonSchema`;
			const message = `'${param}' can't be given beside 'parameters'. Leave one of them out.`;
			faults.push({ message, param, code: "invalid_value" });
		}
		return {
			name,
			...(isGiven(description) ? { description } : {}),
			...(schema === null ? {} : { parameters: toJsonSchema(schema) }),
		};
	});
}

function choose(
	mode: NonNullable<GeminiFunctionCalling["mode"]>,
	allowed: readonly string[],
	tools: readonly ToolDefinition[],
	faults: RequestFault[],
): GeminiTools {
	if (allowed.length > 0 && mode !== "ANY" && mode !== "VALIDATED") {
		const param = `${CONFIG}.allowedFunctionNames`;
		const message = `'${param}' needs '${CONFIG}.mode' to be 'ANY'. Set it, or leave the names out.`;
		faults.push({ message, param, code: "invalid_value" });
	}
	switch (mode) {
		case "MODE_UNSPECIFIED":
		case "AUTO":
			return { tools, toolChoice: { kind: tools.length > 0 ? "auto" : "none" } };
		case "NONE":
			return { tools, toolChoice: { kind: "none" } };
		case "VALIDATED":
			faults.push({
				message: `Unsupported '${CONFIG}.mode': 'VALIDATED'. Arguments can be held to their schema only where a function must be called: use 'ANY', or 'AUTO' to go without.`,
				param: `${CONFIG}.mode`,
				code: "unsupported_value",
			});
			return { tools, toolChoice: { kind: "auto" } };
		case "ANY":
			return mustCall(allowed, tools, faults);
		default:
			return assertNever(mode);
	}
}

/** The model is shown only the functions it is allowed: it can't call what it does not know. */
function mustCall(allowed: readonly string[], tools: readonly ToolDefinition[], faults: RequestFault[]): GeminiTools {
	if (tools.length === 0) {
		const param = `${CONFIG}.mode`;
		const message = `'${param}' asks for a call, but 'tools' declares no function. Declare one, or leave the mode out.`;
		faults.push({ message, param, code: "invalid_value" });
		return { tools, toolChoice: { kind: "none" } };
	}
	for (const [index, name] of allowed.entries()) {
		nameTool(name, tools, `${CONFIG}.allowedFunctionNames[${index}]`, faults);
	}
	const shown = allowed.length === 0 ? tools : tools.filter((tool) => allowed.includes(tool.name));
	return { tools: shown, toolChoice: { kind: "required" } };
}

function isGiven<Value>(value: Value): value is NonNullable<Value> {
	return value !== undefined && value !== null;
}
