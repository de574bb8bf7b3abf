/** What the user of a fake desktop does and sees, as it goes between two processes. */
import { z } from "zod";

/** Something that is done at the desk. */
export const deedSchema = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("look") }),
	z.object({ kind: z.literal("become-ready") }),
	z.object({ kind: z.literal("open-file"), path: z.string() }),
	z.object({ kind: z.literal("start-again"), argv: z.array(z.string()) }),
	/** In the tray's menu. */
	z.object({ kind: z.literal("choose"), label: z.string() }),
	z.object({ kind: z.literal("click-notification"), title: z.string() }),
	/** A button of the dialog that asks something. */
	z.object({ kind: z.literal("press"), button: z.string() }),
	/** A newer version is on the server from now on. */
	z.object({ kind: z.literal("offer-update"), version: z.string() }),
	z.object({ kind: z.literal("finish-download") }),
	z.object({ kind: z.literal("quit") }),
	z.object({ kind: z.literal("shut-down") }),
]);
/** Something that is done at the desk. */
export type Deed = z.infer<typeof deedSchema>;

/** What is seen there. */
export const seenSchema = z.object({
	phase: z.enum(["starting", "ready", "quit"]),
	tooltip: z.string(),
	/** Every tooltip so far. */
	tooltips: z.array(z.string()),
	/** Path of the tray's picture. */
	icon: z.string(),
	menu: z.array(z.string()),
	notifications: z.array(z.object({ title: z.string(), body: z.string() })),
	windows: z.array(z.object({ address: z.string(), isVisible: z.boolean() })),
	/** Dialogs that are open, by what they ask. */
	questions: z.array(z.string()),
	keptAwake: z.array(z.string()),
	updates: z.object({ checks: z.number(), installed: z.string().nullable() }),
});
/** What is seen there. */
export type Seen = z.infer<typeof seenSchema>;
