/** Other machines, played: the stream tells of them, and what is asked for pairing is answered here. Must never be imported but by tests. */
import type { MeshView } from "../../native/contract/contract.ts";
import { machineId, sampleAbout, sampleMember, sampleMeshView } from "../state/testing.ts";
import type { Visit } from "./browser.ts";

/** A machine at work that is host, one that rests, one that is gone, and one that waits; somebody near shows a code. */
export function severalMachines(batchId = "batch_none"): MeshView {
	const working = { ...sampleAbout, activity: "working", words: "works on lines", lines_per_second: 12.4 } as const;
	const resting = { ...sampleAbout, activity: "resting", words: "its user is there", gpus: [], models: [] } as const;
	const slices = [{ batch_id: batchId, lines: 120 }];
	return sampleMeshView({
		host: { id: machineId("attic"), term: 3, since: 1_700_000_000, why: "silence" },
		machines: [
			sampleMember("desk", { is_self: true, address: null }),
			sampleMember("attic", { is_host: true, about: working, slices }),
			sampleMember("laptop-of-the-kitchen", { about: resting, hosting: "never" }),
			sampleMember("shed", { is_online: false, about: null }),
		],
		strangers: [{ id: machineId("rack"), name: "rack", address: "192.168.1.9:22008", is_pairing: true }],
		awaiting_approval: [{ id: machineId("old"), name: "old" }],
	});
}

/** Has the page hear of these machines, and of nothing else by the stream: a job it shows it has to ask for. */
export async function playMachines({ page }: Visit, view: MeshView): Promise<void> {
	await page.route("**/api/events*", (route) =>
		route.fulfill({
			contentType: "text/event-stream",
			body: `event: batches\ndata: {"changed":[],"gone":[]}\n\nevent: mesh\ndata: ${JSON.stringify(view)}\n\n`,
		}),
	);
	const pairing = { code: "1234 5678", expires_at: Math.floor(Date.now() / 1_000) + 600, tries_left: 3 };
	await page.route("**/api/pairing", (route) =>
		route.request().method() === "DELETE" ? route.fulfill({ status: 204 }) : route.fulfill({ json: { pairing } }),
	);
	await page.reload();
}
