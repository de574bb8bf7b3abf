/** Reads a body by its schema, and salvages what it can, so that one fault does not hide the next. */
import type { z } from "zod";
import { err, ok, type Result } from "../../base/base.ts";
import { describeIssues } from "./issues.ts";
import type { ParseOptions, RequestFault, RequestFaults } from "./translation.ts";

/** A body as far as it could be read. `request` is null where the body is not even an object. */
interface CheckedBody<Request> {
	readonly request: Request | null;
	readonly faults: readonly RequestFault[];
}

/** What to put in place of broken fields. */
export interface Salvage {
	/** Values for required fields; never seen by anyone, since a body with faults is not run. */
	readonly placeholders: { readonly [field: string]: unknown };
	/** Fields whose meaning hangs on another: dropped with it, so that nothing false is said of them. */
	readonly companions: { readonly [field: string]: readonly string[] };
}

/** How a body is read: its schema, what to put in place of broken fields, and what it means. */
export interface BodyReader<Schema extends z.ZodType, Translated> {
	readonly schema: Schema;
	readonly salvage: Salvage;
	/** Tells further faults where the schema has let something through. What it gives counts only where there are none. */
	translate(request: z.output<Schema>, options: ParseOptions, faults: RequestFault[]): Translated;
}

/** Reads a body; on failure every fault that can be told. */
export function readBody<Schema extends z.ZodType, Translated>(
	reader: BodyReader<Schema, Translated>,
	body: unknown,
	options: ParseOptions,
): Result<Translated, RequestFaults> {
	const checked = checkBody(reader.schema, body, reader.salvage, options);
	const faults = [...checked.faults];
	const translated = checked.request === null ? null : reader.translate(checked.request, options, faults);
	const [first, ...rest] = faults;
	if (first !== undefined) return err([first, ...rest]);
	if (translated === null) throw new Error("A body without fault was not translated.");
	return ok(translated);
}

/** With faults, the fields that have none are still there to be checked further. */
function checkBody<Schema extends z.ZodType>(
	schema: Schema,
	body: unknown,
	salvage: Salvage,
	options: ParseOptions,
): CheckedBody<z.output<Schema>> {
	const input = withDefaultModel(body, options.defaultModel);
	const whole = schema.safeParse(input);
	if (whole.success) return { request: whole.data, faults: [] };
	const faults = describeIssues(whole.error, input);
	if (!isRecord(input)) return { request: null, faults };
	const rest: Record<string, unknown> = { ...input };
	for (const issue of whole.error.issues) {
		const field = String(issue.path[0] ?? "");
		for (const broken of [field, ...(salvage.companions[field] ?? [])]) delete rest[broken];
	}
	const salvaged = schema.safeParse({ ...salvage.placeholders, ...rest });
	return { request: salvaged.success ? salvaged.data : null, faults };
}

function withDefaultModel(body: unknown, defaultModel: string | null): unknown {
	if (defaultModel === null || !isRecord(body) || (body.model !== undefined && body.model !== null)) return body;
	return { ...body, model: defaultModel };
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
