/**
 * Programs of a Windows as far as the shell runs them: its registry, its firewall, and its question for an administrator's consent, which
 * stays open until a test answers it. Takes command lines apart as cmd.exe and netsh do.
 */
import { win32 } from "node:path";
import type { Command, Ran, RunProgram } from "../firewall/run-program.ts";

/** A rule of the firewall: netsh's own words, e.g. `dir` and `program`. */
export type FakeRule = Readonly<Record<string, string>>;

/** Windows asks whether something may be done as an administrator. */
interface FakeConsent {
	agree(): void;
	refuse(): void;
}

/** Stands for the system's programs. */
export class FakePrograms {
	/** Values of the registry, by key and name with a backslash between. */
	readonly registry = new Map<string, string>();
	rules: FakeRule[] = [];
	/** The question that is open. */
	consent: FakeConsent | null = null;
	/** How often consent was asked for. */
	consentsAsked = 0;
	/** Programs that end otherwise than they should, by name, e.g. `reg.exe add`. */
	readonly broken = new Map<string, Ran>();
	/** Every command so far. */
	readonly commands: Command[] = [];

	readonly run: RunProgram = async (command) => {
		this.commands.push(command);
		const name = win32.basename(command.path);
		const [verb = ""] = command.words;
		const broken = this.broken.get(`${name} ${verb}`) ?? this.broken.get(name);
		if (broken !== undefined) return broken;
		if (name === "reg.exe") return this.#runRegistry(verb, command.words);
		if (name === "powershell.exe") return this.#elevate(Object.values(command.environment)[0] ?? "");
		return { kind: "failed", message: `spawn ${command.path} ENOENT` };
	};

	#runRegistry(verb: string, words: readonly string[]): Ran {
		const after = (flag: string): string => words[words.indexOf(flag) + 1] ?? "";
		const place = `${words[1]}\\${after("/v")}`;
		if (verb === "add") {
			this.registry.set(place, after("/d"));
			return ended(0, "The operation completed successfully.");
		}
		const value = this.registry.get(place);
		if (value === undefined)
			return ended(1, "ERROR: The system was unable to find the specified registry key or value.");
		return ended(0, `${words[1]}\r\n    ${after("/v")}    REG_SZ    ${value}\r\n`);
	}

	#elevate(words: string): Promise<Ran> {
		this.consentsAsked += 1;
		const { promise, resolve } = Promise.withResolvers<Ran>();
		const answer = (ran: () => Ran) => () => {
			this.consent = null;
			resolve(ran());
		};
		this.consent = { agree: answer(() => this.#runCmd(words)), refuse: answer(() => ended(1223, "")) };
		return promise;
	}

	/** Everything between the first quote and the last is the command line; an `&` within quotes is no end of a command. */
	#runCmd(words: string): Ran {
		const [, line] = /^\/d \/v:off \/s \/c "(.*)"$/.exec(words) ?? [];
		if (line === undefined) return ended(1, "");
		let code = 1;
		for (const part of line.match(/(?:"[^"]*"|[^"&])+/g) ?? []) code = this.#runNetsh(wordsOf(part));
		return ended(code, "");
	}

	#runNetsh([program = "", ...words]: readonly string[]): number {
		const verb = words.slice(0, 4).join(" ");
		const given = Object.fromEntries(words.slice(4).map((word) => [...word.split(/=(.*)/s)]));
		if (program !== "C:\\Windows\\System32\\netsh.exe") return 9009;
		if (verb === "advfirewall firewall add rule") {
			this.rules.push(given);
			return 0;
		}
		if (verb !== "advfirewall firewall delete rule") return 1;
		const { name, ...filters } = given;
		const fits = (rule: FakeRule): boolean =>
			(name === "all" || rule.name === name) &&
			Object.entries(filters).every(([key, value]) => !value || rule[key] === value);
		const left = this.rules.filter((rule) => !fits(rule));
		const isDone = left.length < this.rules.length;
		this.rules = left;
		return isDone ? 0 : 1;
	}
}

/** Words as programs get them: blanks part them, but within quotes, which are taken away. */
function wordsOf(line: string): readonly string[] {
	return [...line.matchAll(/(?:"[^"]*"|[^"\s])+/g)].map(([word]) => word.replaceAll('"', ""));
}

function ended(code: number, output: string): Ran {
	return { kind: "ended", code, output };
}
