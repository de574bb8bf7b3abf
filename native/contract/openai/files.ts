/** Files: what batches read and write. */
import { z } from "zod";
import { expiresAfterSchema, listQuerySchema, listSchema, unixSecondsSchema, type Wire } from "./shared.ts";

/** What an upload may be for. */
export const uploadPurposeSchema = z.enum(["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]);
/** What an upload may be for. */
export type UploadPurpose = z.infer<typeof uploadPurposeSchema>;

/** What a file is for; the last three are files the server made. */
export const filePurposeSchema = z.enum([
	...uploadPurposeSchema.options,
	"assistants_output",
	"batch_output",
	"fine-tune-results",
]);
/** What a file is for. */
export type FilePurpose = z.infer<typeof filePurposeSchema>;

/** `POST /v1/files`: the fields beside the part `file`; `expires_after[…]` gathered into one object. */
export const fileCreateSchema = z.object({
	purpose: uploadPurposeSchema,
	expires_after: expiresAfterSchema.optional(),
});
/** `POST /v1/files`: the fields beside the part `file`. */
export type FileCreate = Wire<typeof fileCreateSchema>;

/** A file. `status` is out of use at OpenAI, yet the SDK's `waitForProcessing` polls until it is `processed`. */
export const fileObjectSchema = z.strictObject({
	id: z.string(),
	object: z.literal("file"),
	bytes: z.int().min(0),
	created_at: unixSecondsSchema,
	expires_at: unixSecondsSchema.nullable(),
	filename: z.string(),
	purpose: filePurposeSchema,
	status: z.enum(["uploaded", "processed", "error"]),
	status_details: z.string().nullable(),
});
/** A file. */
export type FileObject = Wire<typeof fileObjectSchema>;

/** `GET /v1/files?after&limit&order&purpose`. */
export const fileListQuerySchema = listQuerySchema({ max: 10_000, default: 10_000 }).extend({
	purpose: z.string().optional(),
});
/** `GET /v1/files?after&limit&order&purpose`. */
export type FileListQuery = Wire<typeof fileListQuerySchema>;

/** Reply of `GET /v1/files`. */
export const fileListSchema = listSchema(fileObjectSchema);
/** Reply of `GET /v1/files`. */
export type FileList = Wire<typeof fileListSchema>;

/** Reply of `DELETE /v1/files/{id}`. */
export const fileDeletedSchema = z.strictObject({
	id: z.string(),
	object: z.literal("file"),
	deleted: z.literal(true),
});
/** Reply of `DELETE /v1/files/{id}`. */
export type FileDeleted = Wire<typeof fileDeletedSchema>;
