import type { Command } from "commander";
import { addMachineFlags } from "./batch-flags.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import {
	addressCommand,
	approveMachineCommand,
	hostCommand,
	machinesCommand,
	removeMachineCommand,
	switchMeshCommand,
	useMachinesCommand,
} from "./machines-command.ts";
import { pairCommand } from "./pair-command.ts";

/** Commands about other machines; answers the one that has commands of its own. */
export function describeMachineCommands(
	program: Command,
	globals: () => GlobalOptions,
	end: (code: ExitCode) => void,
): Command {
	program
		.command("pair")
		.description("add another machine: shows a code to enter there, and waits until it has joined")
		.option("--with <address>", "join the machine at this address, by the code it shows")
		.option("--token", "make a token instead, for a machine without a screen; it counts once, for a day")
		.option("--join <token>", "join by a token that another machine made")
		.action(async (options) => end(await pairCommand({ ...globals(), ...options })));
	const machines = program
		.command("machines")
		.description("the machines that work together, who of them is host, and what each does")
		.option("--json", "as the service tells it")
		.action(async (options) => end(await machinesCommand({ ...globals(), ...options })));
	machines
		.command("remove")
		.description("remove a machine for good; with the name of this one, leave the others")
		.argument("<name>", "its name or id")
		.option("-y, --yes", "without asking")
		.action(async (name: string, options) => end(await removeMachineCommand({ ...globals(), ...options }, name)));
	machines
		.command("approve")
		.description("admit a machine that waits for it")
		.argument("<name>", "its name or id")
		.action(async (name: string) => end(await approveMachineCommand(globals(), name)));
	machines
		.command("host")
		.description("make a machine host: it hands out the work from then on")
		.argument("<name>", "its name or id")
		.action(async (name: string) => end(await hostCommand(globals(), name)));
	const use = machines
		.command("use")
		.description("say anew which machines may work on a batch; without an option all may")
		.argument("<batch>", "its id");
	addMachineFlags(use).action(async (batch: string, options) =>
		end(await useMachinesCommand({ ...globals(), ...options }, batch)),
	);
	machines
		.command("address")
		.description("remember where a paired machine may be, if it is not found by itself")
		.argument("<host:port>", "e.g. 192.168.1.7:22008")
		.action(async (address: string) => end(await addressCommand(globals(), address)));
	for (const [word, isOn] of [
		["on", true],
		["off", false],
	] as const) {
		machines
			.command(word)
			.description(isOn ? "work together with the paired machines" : "work by itself; it stays paired")
			.action(async () => end(await switchMeshCommand(globals(), isOn)));
	}
	return machines;
}
