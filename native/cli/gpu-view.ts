/** What `nightshift gpu` prints. Pure. */
import { assertNever, formatBytes } from "../base/base.ts";
import type { GpuPack, GpuPackList } from "../contract/contract.ts";

/** The packs of this kind of computer, one after the other, and what models run on. */
export function describePacks({ data, in_use }: GpuPackList): string {
	const packs = data.flatMap((pack) => [`${pack.title} ${pack.version}: ${describeState(pack)}`, ...asides(pack)]);
	const lines = packs.length > 0 ? packs : ["There is no GPU pack for this kind of computer, and none is needed."];
	return `${[...lines, in_use.words].join("\n")}\n`;
}

/** How it stands with one, in a sentence. */
export function describeState(pack: GpuPack): string {
	const { state } = pack;
	switch (state.kind) {
		case "not-needed":
			return `not needed. ${state.words}`;
		case "available":
			return `not installed. It fits ${pack.gpus.join(", ")}: 'nightshift gpu install' fetches ${formatBytes(pack.download_bytes)}; it takes ${formatBytes(pack.disk_bytes)} on the disk.`;
		case "downloading":
			return `on its way, ${describeProgress(pack, state.received_bytes, state.bytes_per_second)}.`;
		case "paused":
			return `paused at ${describeProgress(pack, state.received_bytes, null)}. 'nightshift gpu install' goes on.`;
		case "verifying":
			return "its checksum is compared, then it is unpacked.";
		case "installed":
			return state.works === false ? `installed, but not used. ${state.words}` : `installed. ${state.words}`;
		case "failed":
			return `failed. ${state.words}`;
		default:
			return assertNever(state);
	}
}

/** How far it is: `103 MB of 305 MB, 12 MB/s`. */
export function describeProgress({ download_bytes }: GpuPack, received: number, perSecond: number | null): string {
	const rate = perSecond === null ? "" : `, ${formatBytes(perSecond)}/s`;
	return `${formatBytes(received)} of ${formatBytes(download_bytes)}${rate}`;
}

function asides({ needs, replaces, state }: GpuPack): readonly string[] {
	if (state.kind === "not-needed" || state.kind === "installed") return [];
	return [
		...(replaces === null
			? []
			: [`  Version ${replaces} is here and belongs to an earlier Nightshift: it is replaced.`]),
		...(needs === null ? [] : [`  ${needs}`]),
	];
}
