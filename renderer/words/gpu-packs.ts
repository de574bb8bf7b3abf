/** Words of GPU packs, on the screen `machines`. Figures come in as people read them. */
import type { GpuPackState } from "../../native/contract/contract.ts";

const states: Record<GpuPackState["kind"], string> = {
	"not-needed": "Not needed",
	available: "Not installed",
	downloading: "Downloading",
	paused: "Paused",
	verifying: "Checking",
	installed: "Installed",
	failed: "Failed",
};

/** Words of GPU packs. */
export const gpuPacks = {
	states,
	notUsed: "Not used",
	couldBeFaster: (count: number) => (count === 1 ? "This GPU could be faster" : "These GPUs could be faster"),
	offer: (title: string, download: string, disk: string) =>
		`${title}: ${download} to download, ${disk} on disk. It comes from the npm registry and is checked before it is used.`,
	replaces: (version: string) => `Version ${version} is here and belongs to an earlier Nightshift; it is replaced.`,
	needs: "It needs something else first",
	progress: (title: string) => `Download of ${title}`,
	received: (received: string, total: string) => `${received} of ${total}`,
	rate: (size: string) => `${size}/s`,
	left: (duration: string) => `${duration} left`,
	verifying: "Its checksum is compared, then it is unpacked.",
	fetch: "Download",
	fetchAnyway: "Download anyway",
	resume: "Go on",
	tryAgain: "Try again",
	pause: "Pause",
	cancel: "Cancel",
	remove: "Remove…",
	removeTitle: (title: string) => `Remove ${title}?`,
	removeBody: (size: string) => `Models run without it from then on; ${size} of disk space become free.`,
	removeAction: "Remove it",
	cancelTitle: (title: string) => `Cancel the download of ${title}?`,
	cancelBody: (size: string) => `The ${size} that are here already are thrown away. Pause it instead to go on later.`,
	cancelAction: "Cancel the download",
	keep: "Keep it",
} as const;
