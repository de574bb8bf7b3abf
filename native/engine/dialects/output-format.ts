/** The shape an answer is forced into. */
import type { JsonSchema, OutputFormat } from "../request.ts";

/** JSON by a schema, or any JSON object where there is none. */
export function jsonFormat(schema: JsonSchema | null | undefined): OutputFormat {
	return schema === null || schema === undefined ? { kind: "json" } : { kind: "json-schema", schema };
}
