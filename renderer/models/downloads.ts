/** What is said of a download, what can be done to it, and how lists of them change. Pure. */
import type { Download } from "../../native/contract/contract.ts";
import { formatBytes, formatDuration } from "../state/format.ts";
import type { Tone } from "../ui/tag.tsx";
import { words } from "../words/words.ts";

/** What can be done to a download. `dismiss` and `cancel` ask the service for the same; one throws bytes away. */
export type DownloadAction = "pause" | "resume" | "try-again" | "cancel" | "dismiss";

/** All that is shown of a download. */
export interface DownloadView {
	readonly state: string;
	readonly tone: Tone;
	/** How far it is, a few words each. */
	readonly figures: readonly string[];
	/** 0 to 1; null: nobody knows. */
	readonly fraction: number | null;
	readonly actions: readonly DownloadAction[];
}

/** Makes it. */
export function describeDownload(download: Download): DownloadView {
	return {
		state: words.models.downloads.states[download.state],
		tone: toneOf(download.state),
		figures: figuresOf(download),
		fraction: fractionOf(download),
		actions: actionsOf(download.state),
	};
}

function figuresOf(download: Download): readonly string[] {
	const said = words.models.downloads;
	const total = download.total_bytes === null ? null : formatBytes(download.total_bytes);
	const received = said.received(formatBytes(download.received_bytes), total);
	switch (download.state) {
		case "running": {
			const left = timeLeftMs(download);
			return [
				received,
				...(download.bytes_per_second === null ? [] : [said.rate(formatBytes(download.bytes_per_second))]),
				...(left === null ? [] : [said.left(formatDuration(left))]),
			];
		}
		case "queued":
			return download.received_bytes > 0 ? [received] : total === null ? [] : [total];
		case "paused":
		case "failed":
			return download.received_bytes > 0 ? [received] : [];
		case "checking":
			return [said.checking];
		case "done":
			return [formatBytes(download.total_bytes ?? download.received_bytes)];
		default:
			return download.state satisfies never;
	}
}

/** Part that is here, 0 to 1; null: the other side has not said how much there is. */
export function fractionOf({
	state,
	received_bytes: received,
	total_bytes: total,
}: Pick<Download, "state" | "received_bytes" | "total_bytes">): number | null {
	if (state === "done") return 1;
	if (total === null || total === 0) return received === 0 && state !== "running" ? 0 : null;
	return Math.min(1, received / total);
}

/** Milliseconds to its end at the present pace; null: that can't be told. */
export function timeLeftMs(
	download: Pick<Download, "received_bytes" | "total_bytes" | "bytes_per_second">,
): number | null {
	const { received_bytes: received, total_bytes: total, bytes_per_second: pace } = download;
	if (total === null || pace === null || pace <= 0) return null;
	return (Math.max(0, total - received) / pace) * 1_000;
}

/** What can be done to it, the foremost first. */
export function actionsOf(state: Download["state"]): readonly DownloadAction[] {
	switch (state) {
		case "queued":
		case "running":
			return ["pause", "cancel"];
		case "paused":
			return ["resume", "cancel"];
		case "checking":
			return ["cancel"];
		case "failed":
			return ["try-again", "cancel"];
		case "done":
			return ["dismiss"];
		default:
			return state satisfies never;
	}
}

function toneOf(state: Download["state"]): Tone {
	switch (state) {
		case "queued":
		case "paused":
			return "neutral";
		case "running":
		case "checking":
			return "accent";
		case "failed":
			return "bad";
		case "done":
			return "good";
		default:
			return state satisfies never;
	}
}

/** It changes by itself. */
export function isGoing({ state }: Pick<Download, "state">): boolean {
	return state === "queued" || state === "running" || state === "checking";
}

/** Changes when another one is done: then there is a model more. */
export function doneKey(downloads: readonly Pick<Download, "id" | "state">[]): string {
	return downloads
		.filter(({ state }) => state === "done")
		.map(({ id }) => id)
		.sort()
		.join(" ");
}

/** With a download as the service has just told it: in its old place, or as the newest. */
export function putDownload(downloads: readonly Download[], download: Download): readonly Download[] {
	return downloads.some(({ id }) => id === download.id)
		? downloads.map((one) => (one.id === download.id ? download : one))
		: [...downloads, download];
}

/** Without one. */
export function dropDownload(downloads: readonly Download[], id: string): readonly Download[] {
	return downloads.filter((one) => one.id !== id);
}
