/** The process the shell runs in: what it was started with, what it prints, and signals, which `emit` plays. */
import { EventEmitter } from "node:events";
import type { ProcessPort } from "../host.ts";
import { FakePrograms } from "./fake-programs.ts";

/** What a test says of it. */
export interface FakeProcessOptions {
	readonly platform: NodeJS.Platform;
	/** Without the program's own name. */
	readonly argv?: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
	readonly cwd: string;
	/** By default the Node that runs the tests. */
	readonly execPath?: string;
}

/** The process. */
export class FakeProcess extends EventEmitter implements ProcessPort {
	readonly platform: NodeJS.Platform;
	readonly argv: string[];
	readonly env: Record<string, string>;
	readonly execPath: string;
	/** What programs of the system it runs, on Windows. */
	readonly programs = new FakePrograms();
	/** What was printed so far. */
	printed = "";
	readonly stdout = { write: (text: string) => this.#print(text) };
	readonly stderr = { write: (text: string) => this.#print(text) };
	readonly #cwd: string;

	constructor({ platform, argv = [], env = {}, cwd, execPath = process.execPath }: FakeProcessOptions) {
		super();
		this.platform = platform;
		this.argv = ["/opt/nightshift", ...argv];
		this.env = { ...env };
		this.execPath = execPath;
		this.#cwd = cwd;
	}

	cwd(): string {
		return this.#cwd;
	}

	#print(text: string): void {
		this.printed += text;
	}
}
