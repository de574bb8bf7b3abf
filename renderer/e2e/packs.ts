/** A computer with an NVIDIA GPU, played: the stream tells of a pack, and what is asked for it is answered here. Must never be imported but by tests. */
import type { GpuPack, GpuPackList, GpuPackState } from "../../native/contract/contract.ts";
import type { Visit } from "./browser.ts";

/** What the page asked for so far: `POST fetch`. */
export type AskedOfPack = readonly string[];

const pack: GpuPack = {
	name: "cuda",
	title: "CUDA for NVIDIA",
	version: "3.22.1",
	download_bytes: 319_562_149,
	disk_bytes: 563_805_793,
	gpus: ["NVIDIA GeForce RTX 4090"],
	needs: null,
	replaces: null,
	state: { kind: "available" },
};

/** Has the page hear of a pack in a state; what the page does to it brings it into `next`. */
export async function playPack(
	{ page }: Visit,
	states: { readonly first: GpuPackState; readonly next?: GpuPackState },
	more: Partial<GpuPack> = {},
): Promise<AskedOfPack> {
	const asked: string[] = [];
	let state = states.first;
	await page.route("**/api/events*", (route) => {
		const in_use = { backend: "vulkan", words: "demo runs on Vulkan." } as const;
		const list: GpuPackList = { data: [{ ...pack, ...more, state }], in_use };
		return route.fulfill({
			contentType: "text/event-stream",
			body: `event: gpu-packs\ndata: ${JSON.stringify(list)}\n\n`,
		});
	});
	await page.route("**/api/gpu-packs/**", (route) => {
		asked.push(`${route.request().method()} ${new URL(route.request().url()).pathname.split("/").at(-1)}`);
		state = states.next ?? state;
		return route.fulfill({ json: { ...pack, ...more, state } });
	});
	await page.reload();
	await page.getByRole("heading", { level: 2, name: /could be faster$|^CUDA for NVIDIA$/ }).waitFor();
	return asked;
}
