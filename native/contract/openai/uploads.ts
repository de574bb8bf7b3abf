/** Uploads: a file sent in parts. */
import { z } from "zod";
import { fileObjectSchema, filePurposeSchema, uploadPurposeSchema } from "./files.ts";
import { expiresAfterSchema, unixSecondsSchema, type Wire } from "./shared.ts";

/** Largest whole and largest part, in bytes, and how long an upload may stay open, as OpenAI documents them. */
export const UPLOAD_LIMITS = { totalBytes: 8 * 1024 ** 3, partBytes: 64 * 1024 ** 2, openSeconds: 3_600 } as const;

/** `POST /v1/uploads`. */
export const uploadCreateSchema = z.object({
	bytes: z.int().min(1).max(UPLOAD_LIMITS.totalBytes),
	filename: z.string().min(1),
	mime_type: z.string(),
	purpose: uploadPurposeSchema,
	expires_after: expiresAfterSchema.nullish(),
});
/** `POST /v1/uploads`. */
export type UploadCreate = Wire<typeof uploadCreateSchema>;

/** `POST /v1/uploads/{id}/complete`: the parts in the order they are to stand in the file. `md5` is lower-case hex. */
export const uploadCompleteSchema = z.object({
	part_ids: z.array(z.string()).min(1),
	md5: z.string().nullish(),
});
/** `POST /v1/uploads/{id}/complete`. */
export type UploadComplete = Wire<typeof uploadCompleteSchema>;

/** An upload; `file` is there once it is completed. */
export const uploadObjectSchema = z.strictObject({
	id: z.string(),
	object: z.literal("upload"),
	bytes: z.int().min(0),
	created_at: unixSecondsSchema,
	expires_at: unixSecondsSchema,
	filename: z.string(),
	purpose: filePurposeSchema,
	status: z.enum(["pending", "completed", "cancelled", "expired"]),
	file: fileObjectSchema.nullable(),
});
/** An upload. */
export type UploadObject = Wire<typeof uploadObjectSchema>;

/** One part of an upload. */
export const uploadPartObjectSchema = z.strictObject({
	id: z.string(),
	object: z.literal("upload.part"),
	created_at: unixSecondsSchema,
	upload_id: z.string(),
});
/** One part of an upload. */
export type UploadPartObject = Wire<typeof uploadPartObjectSchema>;
