/**
 * What the shell remembers between runs: things of its windows and of this user's desk, nothing of batches. Owns one small file; a
 * file that can't be read is begun anew, for nothing in it is worth stopping for.
 */
import { z } from "zod";

/** Where a window was. */
const placeSchema = z.strictObject({
	x: z.int(),
	y: z.int(),
	width: z.int().min(1),
	height: z.int().min(1),
	isMaximized: z.boolean(),
});

/** What is remembered. */
export const rememberedSchema = z.strictObject({
	/** Null: never moved. */
	mainWindow: placeSchema.nullable().default(null),
	/** Where files were chosen last; dialogs of Electron 43 and later don't remember it. */
	lastFolder: z.string().nullable().default(null),
	/** What to do when the user quits while work is running. */
	quitWhileWorking: z.enum(["ask", "quit"]).default("ask"),
	/** Number of the last notice that was shown, so that none is shown twice; null: none yet. */
	lastNotice: z.int().min(0).nullable().default(null),
	/** What was last arranged about the start with the session, so that what the user undid elsewhere stays undone; null: nothing yet. */
	startsAtLogin: z.boolean().nullable().default(null),
});
/** What is remembered. */
export type Remembered = z.infer<typeof rememberedSchema>;

/** What the shell remembers between runs. */
export interface Memory {
	readonly current: Remembered;
	/** Remembers; on disk soon, and at the latest when `settle` resolves. */
	remember(change: Partial<Remembered>): void;
	/** Resolves when all that was remembered is on disk. */
	settle(): Promise<void>;
}
