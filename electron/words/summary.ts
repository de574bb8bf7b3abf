/** Words of what is behind how it stands with the work, as they follow a state: `starting, loading demo`. */

/** e.g. `1,204`. The app speaks English, whatever the computer does. */
const count = new Intl.NumberFormat("en-US");

/** Words of what is behind how it stands with the work. */
export const summaryWords = {
	waiting: (batches: number) => `${count.format(batches)} ${batches === 1 ? "batch" : "batches"} waiting`,
	checking: (name: string) => `checking ${name}`,
	finishing: (name: string) => `writing the results of ${name}`,
	loading: (model: string) => `loading ${model}`,
	forRequest: "a request is being answered",
	by: ([first = "", ...more]: readonly string[]) =>
		more.length === 0 ? `by ${first}` : `by ${first} and ${count.format(more.length)} more`,
	unnamed: "a batch",
} as const;
