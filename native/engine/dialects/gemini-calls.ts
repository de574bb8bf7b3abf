/** Which call of a function a response answers. Gemini's older files have no ids for it, but chat templates want them. */

/** Gives ids to calls and their responses as they come in a conversation. */
export interface CallPairs {
	/** The id of a call: its own, or a new one. */
	call(id: string | null, name: string): string;
	/** The id of the call a response is for: by its own id, else the first call of that function still without a response. */
	answer(id: string | null, name: string): string;
}

/** Pairs for one conversation. Equal conversations get equal ids. */
export function createCallPairs(): CallPairs {
	const open: { readonly id: string; readonly name: string }[] = [];
	let made = 0;

	/** Nine letters and digits: templates of Mistral's models refuse any other form. */
	const nextId = () => `call${String(made++).padStart(5, "0")}`;

	return {
		call(id, name) {
			const known = id ?? nextId();
			open.push({ id: known, name });
			return known;
		},
		answer(id, name) {
			const place = open.findIndex((call) => (id === null ? call.name === name : call.id === id));
			const [call] = place < 0 ? [] : open.splice(place, 1);
			return id ?? call?.id ?? nextId();
		},
	};
}
