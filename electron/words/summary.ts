/** Words of how it stands with the work, in one line. */

/** e.g. `1,204`. The app speaks English, whatever the computer does. */
const count = new Intl.NumberFormat("en-US");

/** Words of how it stands with the work. */
export const summaryWords = {
	starting: "Nightshift is starting",
	comingBack: "Nightshift's service ended and is starting again",
	stopped: "Nightshift's service is stopped",
	idle: "Nothing to do",
	waiting: (batches: number) => `${batchCount(batches)} waiting`,
	checking: (name: string) => `Checking ${name}`,
	finishing: (name: string) => `Writing the results of ${name}`,
	loading: (model: string) => `Loading ${model}`,
	beginning: "Work is about to begin",
	working: (done: number, total: number) => `${count.format(done)} of ${count.format(total)} lines`,
	yielding: (reason: string) => `Stepped aside: ${reason}`,
	forRequest: "a request is being answered",
	paused: "Paused",
	snoozed: "Snoozed",
	batchesPaused: (batches: number) => (batches === 1 ? "The batch is paused" : "All batches are paused"),
	attention: (batches: number) => `${batchCount(batches)} ${batches === 1 ? "needs" : "need"} you`,
	attentionTo: (name: string) => `${name} needs you`,
	unnamed: "a batch",
} as const;

function batchCount(batches: number): string {
	return `${count.format(batches)} ${batches === 1 ? "batch" : "batches"}`;
}
