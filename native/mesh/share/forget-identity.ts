/** What is left of having been a member goes, whoever removed this machine: under the same identity it can't come back. */
import { rm } from "node:fs/promises";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Locations } from "../../locations/locations.ts";
import type { Settings } from "../../settings/settings.ts";
import type { NodeLife } from "./node-life.ts";
import { DEVICE_NOTE } from "./notes.ts";

/** What forgetting is made of. */
export interface ForgetIdentityDeps {
	readonly ledger: Pick<Ledger, "exchange">;
	readonly settings: Pick<Settings, "update">;
	readonly locations: Pick<Locations, "meshIdentityPath" | "meshMembersPath" | "meshEpochsPath" | "meshAddressesPath">;
	readonly life: Pick<NodeLife, "stop">;
}

/** Answers a function that switches the mesh off and forgets. Called again meanwhile, it is the same forgetting. */
export function createForgetIdentity({ ledger, settings, locations, life }: ForgetIdentityDeps): () => Promise<void> {
	let underWay: Promise<void> | null = null;

	async function forget(): Promise<void> {
		await settings.update({ mesh: { isOn: false } });
		await life.stop();
		const { meshIdentityPath, meshMembersPath, meshEpochsPath, meshAddressesPath } = locations;
		for (const path of [meshIdentityPath, meshMembersPath, meshEpochsPath, meshAddressesPath]) {
			await rm(path, { force: true });
		}
		await ledger.exchange.keepNote(DEVICE_NOTE, "");
	}

	return () => {
		underWay ??= forget().finally(() => {
			underWay = null;
		});
		return underWay;
	};
}
