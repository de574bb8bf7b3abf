/** What the service tells the node and asks of it. */
import { assertNever, err, ok, type Result } from "../../base/base.ts";
import type { MeshFault } from "../mesh.ts";
import type { Traffic } from "../transport/transport.ts";
import type { BlobFiles } from "./blob-files.ts";
import type { Driver } from "./driver.ts";
import type { Gossip } from "./gossip.ts";
import type { Keeping } from "./keeping.ts";
import { rankOf } from "./members.ts";
import type { Asked, BlobName, FromNode, ToNode } from "./messages.ts";
import type { OpenFiles } from "./open-files.ts";
import type { People } from "./people.ts";
import type { Safety } from "./safety.ts";
import type { ServiceAsks } from "./service-asks.ts";
import { carry, placesIn } from "./traffic.ts";

/** What receiving is made of. */
export interface ReceiverDeps {
	readonly asks: ServiceAsks;
	readonly driver: Driver;
	readonly people: People;
	readonly gossip: Gossip;
	readonly keeping: Keeping;
	readonly safety: Safety;
	readonly files: Pick<BlobFiles, "has" | "share">;
	readonly openFiles: OpenFiles;
	fetch(blob: BlobName, first: readonly string[]): Promise<Result<void, { readonly message: string }>>;
	/** Machines in hearing. */
	online(): readonly string[];
	host(): string | null;
	traffic(): Traffic;
	post(message: FromNode): void;
	stop(): Promise<void>;
}

/** Answers a function that takes messages of the service. */
export function createReceiver(deps: ReceiverDeps): (message: ToNode) => void {
	const { asks, driver, gossip, safety, post } = deps;

	async function answer(asked: Asked): Promise<void> {
		const answered = await answerOf(deps, asked);
		if (answered.ok) post({ kind: "answer", id: asked.id, answered: answered.value });
		else post({ kind: "refusal", id: asked.id, fault: answered.error });
	}

	return (message) => {
		switch (message.kind) {
			case "start":
			case "logs":
			case "logs-end":
				throw new Error("The node has begun already.");
			case "ask":
				return void answer(message);
			case "appended": {
				const operation = carry(message.operation);
				if (operation === null) throw new Error("The ledger's own operation is not what its hash says.");
				for (const place of placesIn([message.operation])) safety.note(place);
				driver.tell({ kind: "appended", operation });
				return driver.tell({ kind: "durable", durable: message.durable });
			}
			case "stored":
			case "not-stored":
			case "read":
				return asks.receive(message);
			case "acknowledge": {
				const { request, origin, sequence } = message;
				return driver.tell({ kind: "acknowledge", request, place: { origin, sequence } });
			}
			case "worker": {
				const { isReady, models, linesPerSecond } = message;
				return driver.tell({ kind: "worker-changed", isReady, models, linesPerSecond });
			}
			case "slice-ended":
			case "output-built":
			case "duty-failed":
			case "work-ordered":
			case "batch-due":
				return driver.tell(message);
			case "handicap":
				return driver.tell({ kind: "handicap-changed", handicap: message.handicap });
			case "hosting": {
				const { hosting } = message;
				gossip.say({ hosting });
				return driver.tell({ kind: "hosting-changed", rank: rankOf(hosting), mayHost: hosting !== "never" });
			}
			case "about":
				return gossip.say({ about: message.about });
			case "share-files":
				return deps.files.share(new Map(message.files));
			default:
				assertNever(message);
		}
	};
}

async function answerOf(deps: ReceiverDeps, message: Asked): Promise<Result<unknown, MeshFault>> {
	const { people } = deps;
	switch (message.question) {
		case "show-code":
			return people.showCode();
		case "hide-code":
			people.hideCode();
			return ok(null);
		case "invite":
			return people.invite(message.asked.lifetimeMs);
		case "join":
			return people.join(message.asked);
		case "approve":
			return people.approve(message.asked.id);
		case "remove":
			return people.remove(message.asked.id);
		case "add-address":
			return people.addAddress(message.asked.address);
		case "hand-over":
			return people.handOver(message.asked.id);
		case "fetch":
			return fetchAll(deps, message.asked.blobs);
		case "keep-elsewhere":
			return ok(await deps.keeping.askFor(message.asked.blobs, hostFirst(deps)));
		case "open-file":
			return deps.openFiles.open(message.asked);
		case "read-file":
			return ok(await deps.openFiles.read(message.asked.id));
		case "close-file":
			deps.openFiles.close(message.asked.id);
			return ok(null);
		case "traffic":
			return ok(deps.traffic());
		case "stop":
			await deps.stop();
			return ok(null);
		default:
			return assertNever(message);
	}
}

async function fetchAll({ files, fetch }: ReceiverDeps, blobs: readonly BlobName[]): Promise<Result<null, MeshFault>> {
	const missing = blobs.filter(({ digest }) => !files.has(digest));
	const fetched = await Promise.all(missing.map((blob) => fetch(blob, [])));
	for (const one of fetched) if (!one.ok) return err({ kind: "unreachable", message: one.error.message });
	return ok(null);
}

/** The host has most use for an input, so it keeps the second copy; another machine where this one is host. */
function hostFirst({ online, host }: ReceiverDeps): readonly string[] {
	const there = online();
	const first = host();
	return first !== null && there.includes(first) ? [first, ...there.filter((one) => one !== first)] : there;
}
