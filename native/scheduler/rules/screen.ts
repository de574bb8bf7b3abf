/** What fills the screen, and programs the owner named. */
import { assertNever } from "../../base/base.ts";
import type { CauseKind, ForegroundKind } from "../../contract/contract.ts";
import { programKey, programKeys } from "./programs.ts";
import type { Facts, Finding } from "./rules.ts";

/** Games, full-screen programs, presentations, and programs that batch work always stops for. */
export function findScreen(facts: Facts): readonly Finding[] {
	return [...findForeground(facts), ...findPrograms(facts)];
}

function findForeground({ snapshot: { user }, settings: { limits } }: Facts): readonly Finding[] {
	const { foreground, isLocked } = user;
	if (foreground === null) return [];
	if (foreground.name !== null && programKeys(limits.ignore).has(programKey(foreground.name))) return [];
	// The lock screen fills the screen too. A game goes on behind it.
	if (isLocked === true && foreground.kind !== "game") return [];
	return describe(foreground.kind, foreground.name);
}

function describe(kind: ForegroundKind, name: string | null): readonly Finding[] {
	switch (kind) {
		case "nothing":
			return [];
		case "game":
			return name === null
				? [stop("game", "a game is being played", "a game was played")]
				: [stop("game", `${name} is being played`, `${name} was played`)];
		case "full-screen":
			return [
				stop("full-screen", `${name ?? "a program"} fills the screen`, `${name ?? "a program"} filled the screen`),
			];
		case "presentation":
			return name === null
				? [stop("presentation", "a presentation is being given", "a presentation was given")]
				: [stop("presentation", `${name} shows a presentation`, `${name} showed a presentation`)];
		default:
			return assertNever(kind);
	}
}

/** What the owner named goes before `ignore`: that is about use of the machine, this about being there. */
function findPrograms({ snapshot, settings: { limits } }: Facts): readonly Finding[] {
	const stopFor = programKeys(limits.stopFor);
	const names = [...new Set(snapshot.programs.map(programKey))].filter((name) => stopFor.has(name)).sort();
	if (names.length === 0) return [];
	const list = new Intl.ListFormat("en-GB", { type: "conjunction" }).format(names);
	const isOne = names.length === 1;
	return [stop("program", `${list} ${isOne ? "is" : "are"} running`, `${list} ${isOne ? "was" : "were"} running`)];
}

function stop(kind: CauseKind, words: string, pastWords: string): Finding {
	return { kind, rung: "yield", words, pastWords, untilMs: null, sustainMs: 0 };
}
