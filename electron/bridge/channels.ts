/**
 * What the page can say to the shell. The preload script says the same names; it is one file that can import nothing, so a type and
 * a test hold the two together.
 */
import { z } from "zod";

/** Names of the bridge's channels. */
export const channels = {
	chooseFiles: "nightshift:choose-files",
	revealInFolder: "nightshift:reveal-in-folder",
	closePopover: "nightshift:close-popover",
} as const;
/** Name of a channel. */
export type Channel = (typeof channels)[keyof typeof channels];

/** Longest path any of the systems knows. */
const MOST_PATH_LENGTH = 32_767;

/** What `chooseFiles` is asked for. */
export const chosenKindSchema = z.enum(["files", "folder"]);
/** What `revealInFolder` is asked for. */
export const revealedPathSchema = z.string().min(1).max(MOST_PATH_LENGTH);
