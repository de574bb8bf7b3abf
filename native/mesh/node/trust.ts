/** Who this machine is and whom it trusts, from the disk. */
import { err, ok, type Result } from "../../base/base.ts";
import { type AddressMemory, openAddressMemory } from "../discovery/discovery.ts";
import { type Connections, createConnections } from "../door/door.ts";
import { type DeviceIdentity, openIdentity } from "../identity/identity.ts";
import { createMembership, type Membership } from "../membership/membership.ts";
import { type EpochFile, openEpochFile } from "./epoch-file.ts";
import { openMemberFile } from "./member-file.ts";
import type { NodeDeps } from "./node.ts";

/** What outlives a node, and who may come in. */
export interface Trust {
	readonly identity: DeviceIdentity;
	readonly membership: Membership;
	readonly connections: Connections;
	readonly epochs: EpochFile;
	readonly memory: AddressMemory;
}

/**
 * Whoever is removed is told so, and who leaves tells the others, before the connections are closed. Until then nothing that comes on
 * them is read, and nothing else is said.
 */
const LAST_WORD_MS = 500;

/** Reads it all; the failure is a sentence. */
export async function openTrust({ start, log }: Pick<NodeDeps, "start" | "log">): Promise<Result<Trust, string>> {
	const identity = await openIdentity({ path: start.paths.identity, expectedId: start.expectedId, log });
	if (!identity.ok) return err(identity.error.message);
	const store = openMemberFile(start.paths.members);
	if (!store.ok) return store;
	const epochs = openEpochFile(start.paths.epochs);
	if (!epochs.ok) return epochs;
	const membership: Membership = createMembership({
		identity: identity.value,
		name: start.name,
		store: store.value,
		log,
		onRemoved: (deviceId) => void setTimeout(() => connections.drop(deviceId), LAST_WORD_MS),
	});
	const connections = createConnections((deviceId) => membership.isMember(deviceId));
	const memory = await openAddressMemory({ path: start.paths.addresses, log });
	return ok({ identity: identity.value, membership, connections, epochs: epochs.value, memory });
}
