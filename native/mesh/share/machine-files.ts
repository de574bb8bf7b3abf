/** Files of other machines as downloads read them: whoever told of a digest is asked, by way of the mesh's thread. */
import { err, ok, type Result } from "../../base/base.ts";
import type { MeshMachine } from "../../contract/contract.ts";
import type { MachineFiles } from "../../models/downloads/machine-files.ts";
import { modelPartPaths } from "../../models/gguf-files.ts";
import type { Models } from "../../models/models.ts";
import type { MeshFault } from "../mesh.ts";
import type { QuestionKind, Questions, ToNode } from "../node/messages.ts";

/** What is said where the owner has not allowed it. */
export const NOT_ALLOWED =
	"Copying models between machines is switched off here. Switch it on (mesh.shareModels), on the other machine too.";

/** What reading is made of. */
export interface MachineFilesDeps {
	/** Why this file may not be copied now, for people; null: it may. */
	refusalOf(digest: string): string | null;
	machines(): readonly Pick<MeshMachine, "id" | "is_self" | "is_online" | "about">[];
	ask<Kind extends QuestionKind>(
		question: Kind,
		asked: Questions[Kind]["asked"],
	): Promise<Result<Questions[Kind]["answered"], MeshFault>>;
}

/** Reads from whoever has it. */
export function createMachineFiles({ refusalOf, machines, ask }: MachineFilesDeps): MachineFiles {
	async function* bytesOf(id: number, digest: string): AsyncGenerator<Uint8Array> {
		while (refusalOf(digest) === null) {
			const read = await ask("read-file", { id });
			if (!read.ok || read.value === null) return;
			yield read.value;
		}
	}

	return {
		async open(digest, start) {
			const refusal = refusalOf(digest);
			if (refusal !== null) return err({ message: refusal });
			const from = holdersOf(digest, machines());
			if (from.length === 0) return err({ message: "No machine that is there right now has it." });
			const opened = await ask("open-file", { digest, start, from });
			if (!opened.ok) return err({ message: `${opened.error.message} They may not let models be copied.` });
			const { id, sizeBytes } = opened.value;
			return ok({ sizeBytes, bytes: bytesOf(id, digest), end: () => void ask("close-file", { id }) });
		},
	};
}

/** Machines that are there and told that they have it. */
function holdersOf(digest: string, machines: ReturnType<MachineFilesDeps["machines"]>): readonly string[] {
	const having = machines.filter(({ is_self, is_online, about }) => {
		return !is_self && is_online && about?.models.some((model) => model.digest === digest) === true;
	});
	return having.map(({ id }) => id);
}

/** Models that other machines may have of this one, if the owner lets them: of split ones a digest tells the first part only. */
export function offeredFiles(
	models: Pick<Models, "list" | "knownDigest">,
	isAllowed: boolean,
): Extract<ToNode, { readonly kind: "share-files" }> {
	const whole = isAllowed ? models.list().filter(({ path }) => modelPartPaths(path).length === 1) : [];
	const files = whole.flatMap((model): (readonly [string, string])[] => {
		const digest = models.knownDigest(model);
		return digest === null ? [] : [[digest, model.path]];
	});
	return { kind: "share-files", files };
}
