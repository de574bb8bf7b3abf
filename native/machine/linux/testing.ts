/** Recorded files of a Linux computer, and a message bus of its own. Must never be imported by the product. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Message, type MessageBus, MessageType, sessionBus } from "@jellybrick/dbus-next";
import type { Clock } from "../../base/base.ts";
import type { Sight, Source } from "../source.ts";
import { question } from "../stand-in-testing.ts";

/** A folder that plays `/`. */
export interface Tree {
	readonly root: string;
	/** Writes files by their path below it; `-> target` makes a link. */
	write(files: Readonly<Record<string, string>>): void;
	remove(path?: string): void;
}

/** Makes one. */
export function plantTree(files: Readonly<Record<string, string>> = {}): Tree {
	const root = mkdtempSync(join(tmpdir(), "nightshift-linux-"));
	function write(more: Readonly<Record<string, string>>): void {
		for (const [path, content] of Object.entries(more)) {
			const full = join(root, path);
			mkdirSync(dirname(full), { recursive: true });
			if (!content.startsWith("-> ")) writeFileSync(full, content);
			else {
				rmSync(full, { force: true });
				symlinkSync(content.slice(3), full);
			}
		}
	}
	write(files);
	return { root, write, remove: (path = "") => rmSync(join(root, path), { recursive: true, force: true }) };
}

/** A clock that goes by hand. */
export function handClock(startMs = 1_000_000): Clock & { pass(milliseconds: number): void } {
	let nowMs = startMs;
	return {
		nowMs: () => nowMs,
		monotonicMs: () => nowMs,
		pass(milliseconds) {
			nowMs += milliseconds;
		},
	};
}

/** Looks and answers the sight; a fault fails the test. */
export async function sightOf(source: Source, changes: Parameters<typeof question>[0] = {}): Promise<Sight> {
	const looked = await source.look(question(changes));
	if (!looked.ok) throw new Error(`${source.name}: ${looked.error.kind}: ${looked.error.message}`);
	return looked.value;
}

/** What a service that stands in answers to a method: types and values, or an error's name. */
export type Reply = readonly [signature: string, ...body: unknown[]] | string;

/** Whether a message bus can be started here. */
export const hasBusDaemon = existsSync("/usr/bin/dbus-daemon");

/** A message bus of its own. */
export interface PrivateBus {
	readonly address: string;
	/** Has a service answer; `reply` gets the path, the interface with the method, and what was passed. */
	serve(
		name: string,
		reply: (path: string, method: string, body: readonly unknown[]) => Reply,
	): Promise<StandInService>;
	stop(): Promise<void>;
}

/** A service that stands in. */
export interface StandInService {
	/** Sends a signal from it. */
	send(path: string, signal: string, signature: string, body: readonly unknown[]): void;
	/** Takes its name from the bus. */
	end(): Promise<void>;
}

/** Starts a bus; needs `dbus-daemon`. */
export async function startPrivateBus(): Promise<PrivateBus> {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-bus-"));
	const address = `unix:path=${join(folder, "bus")}`;
	const words = ["--session", "--nofork", "--nopidfile", "--print-address=1", `--address=${address}`];
	const daemon: ChildProcess = spawn("dbus-daemon", words, { stdio: ["ignore", "pipe", "ignore"] });
	if (daemon.stdout !== null) await once(daemon.stdout, "data");
	const services: MessageBus[] = [];
	return {
		address,
		async serve(name, reply) {
			const bus = sessionBus({ busAddress: address });
			services.push(bus);
			await once(bus, "connect");
			bus.addMethodHandler((message: Message) => {
				const answer = reply(message.path, `${message.interface}.${message.member}`, message.body);
				if (typeof answer === "string") bus.send(Message.newError(message, answer, "declined by the test"));
				else bus.send(Message.newMethodReturn(message, answer[0], answer.slice(1)));
				return true;
			});
			await bus.requestName(name);
			return {
				send(path, signal, signature, body) {
					const dot = signal.lastIndexOf(".");
					const [face, member] = [signal.slice(0, dot), signal.slice(dot + 1)];
					const content = { type: MessageType.SIGNAL, path, interface: face, member, signature, body: [...body] };
					bus.send(new Message(content));
				},
				end: async () => void (await bus.releaseName(name)),
			};
		},
		async stop() {
			const ended = once(daemon, "exit");
			daemon.kill("SIGKILL");
			for (const bus of services) bus.disconnect();
			await ended;
			rmSync(folder, { recursive: true, force: true });
		},
	};
}
