/** `POST /api/files/by-path`: takes a file from this computer's own disk, for the shell, which knows where a dropped file lies. */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";

/** Longest path any of the systems knows. */
const MOST_PATH_LENGTH = 32_767;

/** The body. The answer is that of `POST /v1/files`. */
export const fileByPathSchema = z.strictObject({
	/** Absolute. The file is copied as it is now; what happens to it later changes nothing. */
	path: z.string().min(1).max(MOST_PATH_LENGTH),
	purpose: z.literal("batch"),
});
/** The body of `POST /api/files/by-path`. */
export type FileByPath = Wire<typeof fileByPathSchema>;
