/** What is said of a GPU pack and what can be done to it. Pure. */
import type { GpuPack } from "../../native/contract/contract.ts";
import { formatBytes, formatDuration } from "../state/format.ts";
import type { Tone } from "../ui/tag.tsx";
import { words } from "../words/words.ts";

const text = words.gpuPacks;

/** What can be done to a pack. `fetch` begins, goes on and tries again. */
export type PackAction = "fetch" | "pause" | "cancel" | "remove";

/** All that is shown of a pack. */
export interface PackCard {
	readonly title: string;
	readonly state: string;
	readonly tone: Tone;
	/** Sentences. */
	readonly lines: readonly string[];
	/** How far it is, a few words each; empty where there is nothing to tell. */
	readonly figures: readonly string[];
	/** 0 to 1, null: nobody knows; absent where nothing goes on. */
	readonly fraction?: number | null;
	/** What keeps it from being of use; null: nothing. */
	readonly trouble: { readonly title: string; readonly body: string } | null;
	/** The foremost first, with the words of its button. */
	readonly actions: readonly { readonly action: PackAction; readonly label: string }[];
}

/** Makes it; null where there is nothing to show, because the pack is of no use here. */
export function describePack(pack: GpuPack): PackCard | null {
	const { title, needs, state } = pack;
	const shown = { title, state: text.states[state.kind], figures: [], trouble: lack(pack) };
	const cancel = { action: "cancel", label: text.cancel } as const;
	switch (state.kind) {
		case "not-needed":
			return null;
		case "available": {
			const label = needs === null ? text.fetch : text.fetchAnyway;
			const lines = [text.offer(title, formatBytes(pack.download_bytes), formatBytes(pack.disk_bytes))];
			if (pack.replaces !== null) lines.push(text.replaces(pack.replaces));
			const heading = text.couldBeFaster(pack.gpus.length);
			return { ...shown, title: heading, tone: "neutral", lines, actions: [{ action: "fetch", label }] };
		}
		case "downloading": {
			const actions = [{ action: "pause", label: text.pause } as const, cancel];
			return { ...shown, tone: "accent", lines: [], figures: figuresOf(pack, state), ...howFar(pack, state), actions };
		}
		case "paused": {
			const actions = [{ action: "fetch", label: text.resume } as const, cancel];
			return { ...shown, tone: "neutral", lines: [], figures: figuresOf(pack, state), ...howFar(pack, state), actions };
		}
		case "verifying":
			return { ...shown, tone: "accent", lines: [text.verifying], fraction: null, actions: [cancel] };
		case "failed": {
			const actions = [{ action: "fetch", label: text.tryAgain } as const, cancel];
			return { ...shown, tone: "bad", lines: [], trouble: { title: text.states.failed, body: state.words }, actions };
		}
		case "installed": {
			const actions = [{ action: "remove", label: text.remove } as const];
			const trouble = state.works === false ? { title: text.notUsed, body: state.words } : null;
			if (trouble !== null) return { ...shown, state: text.notUsed, tone: "warn", lines: [], trouble, actions };
			return { ...shown, tone: "good", lines: [state.words], trouble: null, actions };
		}
		default:
			return state satisfies never;
	}
}

function lack({ needs }: GpuPack): PackCard["trouble"] {
	return needs === null ? null : { title: text.needs, body: needs };
}

interface Arrived {
	readonly received_bytes: number;
	readonly bytes_per_second?: number | null;
}

function howFar(
	{ download_bytes: total }: GpuPack,
	{ received_bytes: received }: Arrived,
): { fraction: number | null } {
	return { fraction: total === 0 ? null : Math.min(1, received / total) };
}

function figuresOf(
	pack: GpuPack,
	{ received_bytes: received, bytes_per_second: pace = null }: Arrived,
): readonly string[] {
	const sizes = text.received(formatBytes(received), formatBytes(pack.download_bytes));
	if (pace === null || pace <= 0) return [sizes];
	const leftMs = (Math.max(0, pack.download_bytes - received) / pace) * 1_000;
	return [sizes, text.rate(formatBytes(pace)), text.left(formatDuration(leftMs))];
}
