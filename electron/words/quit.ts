/** What the room `quit` asks. */
export const quitWords = {
	title: "Quit Nightshift?",
	running: {
		message: "Nightshift is working. Quit all the same?",
		detail: "Lines in work begin again next time; finished ones are kept.",
	},
	/** `batches` wait for their time. */
	waiting: (batches: number) => ({
		message: `${batches === 1 ? "A batch waits" : `${batches} batches wait`} to be worked on. Quit all the same?`,
		detail: "They go on when Nightshift is started again. What is finished is kept.",
	}),
	quit: "Quit",
	keepWorking: "Keep working in the background",
	dontAsk: "Don't ask again",
} as const;
