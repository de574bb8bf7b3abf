/** GPUs of AMD and Intel, by what the kernel's drivers tell in /sys, and who uses them. */
import { type Clock, err, ok, type Result } from "../../base/base.ts";
import type { Question, Sight, Source, SourceFault } from "../source.ts";
import { type DrmCard, findCards, readCard } from "./drm-card.ts";
import { createGpuUse } from "./gpu-use.ts";

/** Makes the source. */
export function createDrmSource(root: string, clock: Clock): Source {
	const use = createGpuUse(root);
	let cards: readonly DrmCard[] = [];

	async function look(question: Question): Promise<Result<Sight, SourceFault>> {
		// Cards don't come and go but with their driver: who found one keeps it.
		if (cards.length === 0) cards = await findCards(root);
		if (cards.length === 0) return err({ kind: "absent", message: "no GPU of AMD or Intel in /sys/class/drm" });
		const users = use(clock.monotonicMs(), question.inferenceProcessIds);
		const gpus = await Promise.all(cards.map((card) => readCard(card, users.get(card.pciAddress) ?? [])));
		return ok({ gpus });
	}

	return {
		name: "/sys/class/drm",
		tells: "AMD and Intel GPUs, and those of their processes that belong to this user",
		look,
		stop: () => Promise.resolve(),
	};
}
