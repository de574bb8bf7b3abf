import { describe, expect, it } from "vitest";
import type { JsonSchema } from "../../request.ts";
import { createRuleBook } from "./rules.ts";
import { addSchema } from "./schema.ts";

function problem(schema: JsonSchema) {
	const result = addSchema(createRuleBook(), schema);
	return result.ok ? null : [result.error.path, result.error.keyword];
}

describe("what a schema's grammar refuses", () => {
	it("is named by keyword and place", () => {
		const at = (inner: JsonSchema): JsonSchema => ({ type: "object", properties: { a: inner } });
		expect(problem(at({ not: { type: "null" } }))).toEqual(["#/properties/a", "not"]);
		expect(problem(at({ type: "array", contains: {} }))).toEqual(["#/properties/a", "contains"]);
		expect(problem(at({ type: "integer", multipleOf: 5 }))).toEqual(["#/properties/a", "multipleOf"]);
		expect(problem(at({ type: "string", format: "hostname" }))).toEqual(["#/properties/a", "format"]);
		expect(problem(at({ type: "string", pattern: "(?=a)b" }))).toEqual(["#/properties/a", "pattern"]);
		expect(problem(at({ type: "strnig" }))).toEqual(["#/properties/a", "type"]);
		expect(problem(at(false))).toEqual(["#/properties/a", null]);
		expect(problem({ $ref: "https://example.com/schema" })).toEqual(["#", "$ref"]);
		expect(problem({ type: "object", required: ["b"], additionalProperties: false })).toEqual(["#", "required"]);
		expect(problem({ anyOf: [{ type: "string" }], minLength: 3 })).toEqual(["#", "minLength"]);
	});

	it("includes alternatives of which two may hold at once", () => {
		expect(problem({ oneOf: [{ type: "integer" }, { type: "number" }] })).toEqual(["#", "oneOf"]);
		expect(problem({ oneOf: [{ type: "string" }, { type: "number" }] })).toBeNull();
		const kind = (value: string): JsonSchema => ({
			type: "object",
			properties: { kind: { const: value } },
			required: ["kind"],
		});
		expect(problem({ oneOf: [kind("a"), kind("b")] })).toBeNull();
	});

	it("does not include annotations, nor what clients write for nullable fields", () => {
		expect(
			problem({
				$schema: "https://json-schema.org/draft/2020-12/schema",
				title: "T",
				description: "d",
				type: "object",
				properties: {
					a: { anyOf: [{ type: "string" }, { type: "null" }], default: null, title: "A" },
					b: { type: ["integer", "null"] },
				},
				examples: [{}],
				"x-order": 1,
			}),
		).toBeNull();
	});

	it("includes schemas nested without end", () => {
		let schema: JsonSchema = { type: "string" };
		for (let depth = 0; depth < 100; depth++) schema = { type: "array", items: schema };
		expect(problem(schema)?.[1]).toBeNull();
	});

	it("includes references that only lead back to themselves", () => {
		expect(problem({ $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" })?.[1]).toBe(
			"$ref",
		);
	});
});
