/** What the room `notifications` says. Words about single batches come from the service. */

/** What a summary counts. */
export interface SummaryCounts {
	readonly done: number;
	readonly failed: number;
	readonly attention: number;
	readonly rehearsed: number;
}

export const notificationWords = {
	/** e.g. `5 batches: 3 done, 1 failed, 1 needs you`. */
	summaryTitle({ done, failed, attention, rehearsed }: SummaryCounts): string {
		const parts = [
			count(done, (number) => `${number} done`),
			count(failed, (number) => `${number} failed`),
			count(attention, (number) => `${number} ${number === 1 ? "needs" : "need"} you`),
			count(rehearsed, (number) => `${number} rehearsed`),
		];
		return `${done + failed + attention + rehearsed} batches: ${parts.filter((part) => part !== "").join(", ")}`;
	},
	/** The first few by name; `others` is how many more there are. */
	summaryBody: (titles: readonly string[], others: number): string =>
		others === 0 ? titles.join("\n") : [...titles, `and ${others} more`].join("\n"),
	report: "The report of the night is ready",
	look: "Look",
	unsupported: "This desktop shows no notifications. What they would say stands in Nightshift's window.",
	failed: {
		darwin: (reason: string): string =>
			`macOS did not show a notification (${reason}). It shows them only of signed programs that may send them: see System Settings, Notifications.`,
		other: (reason: string): string => `The system did not show a notification: ${reason}`,
	},
} as const;

function count(number: number, words: (number: number) => string): string {
	return number === 0 ? "" : words(number);
}
