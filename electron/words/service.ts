/** Words about the service: why it is not up, and why it gave no answer. */

/** Words about the service. */
export const serviceWords = {
	killedBy: (signal: string) => `It was ended by ${signal}.`,
	endedWith: (code: number) => `It ended by itself with code ${code}.`,
	notStarted: (reason: string) => `It could not be started: ${reason}.`,
	neverReady: (seconds: number) => `It was not ready within ${seconds} seconds.`,
	lastWords: (text: string) => `Its last words: ${text}`,
	tooManyCrashes: (count: number, detail: string) =>
		`Nightshift's service ended ${count} times within a minute and is not started again by itself. ${detail}`,
	neverStarts: (count: number, detail: string) =>
		`Nightshift's service did not start in ${count} attempts and is not tried again by itself. ${detail}`,
	isDown: "Nightshift's service is not running at the moment.",
	noAnswer: (seconds: number) => `Nightshift's service did not answer within ${seconds} seconds.`,
	refused: (status: number) => `Nightshift's service refused with status ${status}.`,
	unreadable: "Nightshift's service answered something this app can't read. Quit Nightshift and start it again.",
	tooLong: "Nightshift's service answered more than this app takes.",
} as const;
