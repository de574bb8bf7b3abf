/** What the machines must be like during a trial and after it. Pure. */
import type { Violation } from "./checker.ts";
import { eventsOf, type History, sincePhase } from "./history.ts";

/** Processes that ended by themselves, machines that don't agree or complain in the end, ledgers that are not whole. */
export function checkMachines(history: History): readonly Violation[] {
	return [...checkEnd(history), ...checkProcesses(history), ...checkMesh(history), ...checkLedgers(history)];
}

function checkEnd(history: History): readonly Violation[] {
	const machines = eventsOf(history, "run")[0]?.machines.length ?? 0;
	const isWhole = sincePhase(history, "final").length > 0 && eventsOf(history, "ledger").length === machines;
	return isWhole && machines > 0 ? [] : [{ promise: "ended", message: "The history ends before the trial's end." }];
}

function checkProcesses(history: History): readonly Violation[] {
	return eventsOf(history, "ended")
		.filter(({ isOurs }) => !isOurs)
		.map(({ machine, how }) => ({ promise: "alive", message: `${machine}'s service ended by itself: ${how}` }));
}

function checkMesh(history: History): readonly Violation[] {
	const looks = eventsOf(sincePhase(history, "final"), "mesh");
	const machines = eventsOf(history, "run")[0]?.machines.length ?? 0;
	const violations: Violation[] = [];
	for (const { machine, host, online, trouble } of looks) {
		if (trouble !== null) violations.push({ promise: "alive", message: `${machine} is in trouble: ${trouble}` });
		if (host === null) violations.push({ promise: "agreed", message: `${machine} knows no host.` });
		if (online < machines) violations.push({ promise: "agreed", message: `${machine} sees ${online} of ${machines}.` });
	}
	const hosts = new Set(looks.map(({ host, term }) => `${host} of term ${term}`));
	if (hosts.size > 1) violations.push({ promise: "agreed", message: `Hosts are ${[...hosts].join(", ")}.` });
	return violations;
}

function checkLedgers(history: History): readonly Violation[] {
	return eventsOf(history, "ledger").flatMap(({ machine, problems }) =>
		problems.map((problem): Violation => ({ promise: "ledger", message: `${machine}: ${problem}` })),
	);
}
