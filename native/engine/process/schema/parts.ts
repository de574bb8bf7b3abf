/** What the files of this folder share: the words for schemas and for what is wrong with them. Pure. */
import type { JsonSchema } from "../../request.ts";
import type { RuleBook } from "./rules.ts";

/** Why a schema can't become a grammar. */
export interface SchemaProblem {
	/** Where, as a JSON pointer from the schema's root, e.g. `#/properties/age`. */
	readonly path: string;
	/** The keyword at fault, or null when it is the place itself. */
	readonly keyword: string | null;
	/** What is wrong and how to mend it. */
	readonly message: string;
}

/** Thrown inside this folder only, to leave a deep recursion; `addSchema` turns it into a value. */
export class SchemaError extends Error {
	readonly problem: SchemaProblem;
	constructor(path: string, keyword: string | null, message: string) {
		super(message);
		this.problem = { path, keyword, message };
	}
}

/** What the parts of the translation share. */
export interface Translation {
	readonly rules: RuleBook;
	readonly root: JsonSchema;
	/** Rules of schemas that were referred to, by pointer. */
	readonly referred: Map<string, string>;
	/** Expression that matches values of `schema`. */
	visit(schema: unknown, path: string, depth: number): string;
}

/** A schema object, looked at keyword by keyword. */
export type SchemaObject = { readonly [keyword: string]: unknown };

/** Tells schema objects from everything else. */
export function isSchemaObject(value: unknown): value is SchemaObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON Schema's simple types. */
export type SchemaType = "object" | "array" | "string" | "number" | "integer" | "boolean" | "null";
