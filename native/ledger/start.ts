import type { CourseStart } from "./course.ts";
import type { BatchManifest } from "./records.ts";

/** Longest time a rehearsal is held for; what it showed is no longer of interest then. */
const HELD_MS = 7 * 24 * 60 * 60 * 1000;

/** What a batch is from its beginning, which was at `createdAtMs`. */
export function startOf(
	manifest: Pick<BatchManifest, "rehearsal" | "windowMs">,
	createdAtMs: number,
): Omit<CourseStart, "isDropped"> {
	const isHeld = manifest.rehearsal !== null;
	return { isHeld, expiresAtMs: createdAtMs + (isHeld ? HELD_MS : manifest.windowMs) };
}
