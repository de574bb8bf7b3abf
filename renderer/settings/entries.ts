/** Lists that are edited by hand: programs, origins, hosts. Pure. */
import type { MachineSnapshot } from "../../native/contract/contract.ts";

/** A program's name as the service compares it: without folder and `.exe`, lower case. */
export function programName(name: string): string {
	return name
		.trim()
		.replace(/^.*[\\/]/, "")
		.replace(/\.exe$/i, "")
		.toLowerCase();
}

/** Suggested at once; more would be a list to read. */
const MOST_SUGGESTIONS = 5;

/** Programs that use a GPU now and are in neither list, the largest first. */
export function suggestPrograms(snapshot: MachineSnapshot | null, known: readonly string[]): readonly string[] {
	const taken = new Set(known.map(programName));
	const seen = (snapshot?.gpus ?? [])
		.flatMap(({ processes }) => processes ?? [])
		.filter(({ isOurs, name }) => !isOurs && name !== null)
		.sort((one, other) => (other.memoryBytes ?? 0) - (one.memoryBytes ?? 0))
		.map(({ name }) => programName(name ?? ""));
	return [...new Set(seen)].filter((name) => name !== "" && !taken.has(name)).slice(0, MOST_SUGGESTIONS);
}

/** The list with an entry more; the same list where it is there already or says nothing. */
export function withEntry(entries: readonly string[], entry: string): readonly string[] {
	return entry === "" || entries.includes(entry) ? entries : [...entries, entry];
}

/** The list without an entry. */
export function withoutEntry(entries: readonly string[], entry: string): readonly string[] {
	return entries.filter((known) => known !== entry);
}

/** An origin as browsers send it, of whatever address was pasted; what is none stays as it is, for the service to refuse. */
export function originOf(text: string): string {
	const typed = text.trim();
	return URL.canParse(typed) && /^https?:$/.test(new URL(typed).protocol) ? new URL(typed).origin : typed;
}

/** A host with its port, of whatever address was pasted. */
export function hostOf(text: string): string {
	const typed = text.trim().toLowerCase();
	return URL.canParse(typed) && /^https?:$/.test(new URL(typed).protocol) ? new URL(typed).host : typed;
}
