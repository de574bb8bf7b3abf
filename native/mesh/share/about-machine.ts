/** What this machine tells others of itself. Pure. */
import type { MachineAbout, MachineSnapshot } from "../../contract/contract.ts";
import type { WorkPermit } from "../../jobs/work-permit.ts";

/** What it is told from. */
export interface AboutFacts {
	readonly snapshot: Pick<MachineSnapshot, "gpus" | "memory">;
	readonly permit: WorkPermit;
	/** What is worked on, for people: the name of a file. Null: nothing. */
	readonly workingOn: string | null;
	readonly platform: string;
	readonly models: MachineAbout["models"];
}

/** Models told of: more than a machine works with in a night. */
const MOST_MODELS = 200;

/** What others are shown; its version and its speed are for the mesh to add. */
export function aboutMachine(facts: AboutFacts): Omit<MachineAbout, "lines_per_second" | "version"> {
	const { snapshot, permit, workingOn, platform, models } = facts;
	return {
		platform,
		gpus: snapshot.gpus.map(({ name }) => name),
		memory_bytes: snapshot.memory.totalBytes,
		models: models.slice(0, MOST_MODELS),
		...doing(permit, workingOn),
	};
}

/** A laptop on its battery goes away or runs down: any other machine is a better host. */
export function handicapOf({ power }: MachineSnapshot): number {
	return power.supply === "battery" ? 1 : 0;
}

function doing({ isGranted, reason }: WorkPermit, workingOn: string | null): Pick<MachineAbout, "activity" | "words"> {
	if (!isGranted) return { activity: "resting", words: reason };
	if (workingOn !== null) return { activity: "working", words: `working on ${workingOn}` };
	return { activity: "idle", words: "free" };
}
