/**
 * The login manager of systemd and elogind: is anybody logged in at a screen, idle, locked; does a program keep the screen awake.
 * Interface: org.freedesktop.login1(5). What it tells is kept until it says that something changed.
 */
import { type Clock, err, ok, type Result } from "../../base/base.ts";
import type { Question, Sight, Source, SourceFault } from "../source.ts";
import type { Bus } from "./bus.ts";
import { rowsIn } from "./bus-value.ts";
import { findBlocker, type Inhibitor, readInhibitor } from "./inhibitors.ts";
import { chooseSession, type LoginSession, readSession } from "./login-session.ts";

const SERVICE = "org.freedesktop.login1";
const MANAGER_PATH = "/org/freedesktop/login1";
const SIGNALS = ["SessionNew", "SessionRemoved", "PrepareForSleep"].map((name) => `${SERVICE}.Manager.${name}`);
const PROPERTIES = "org.freedesktop.DBus.Properties";

/** Everything that matters is signalled; this is for signals that got lost. */
const KNOWN_FOR_MS = 30_000;

/** More sessions than these are on no computer with somebody before it. */
const MOST_SESSIONS = 32;

const MICROSECONDS_PER_MILLISECOND = 1_000;

/** What logind said last. */
interface Known {
	readonly atMs: number;
	readonly session: LoginSession | null;
	readonly inhibitors: readonly Inhibitor[];
}

/** What the source needs. */
export interface LogindDeps {
	readonly bus: Bus;
	readonly clock: Clock;
	/** Whose sessions count. */
	readonly userId: number;
}

/** Makes the source. It speaks of this user's sessions only; of everybody's where the service has a system account of its own. */
export function createLogindSource({ bus, clock, userId }: LogindDeps): Source {
	let known: Known | null = null;
	let onNews = (): void => {};

	function forget(): void {
		known = null;
		onNews();
	}
	for (const signal of SIGNALS) bus.listen({ from: SERVICE, signal }, forget);
	for (const about of [`${SERVICE}.Session`, `${SERVICE}.Manager`]) {
		bus.listen({ from: SERVICE, signal: `${PROPERTIES}.PropertiesChanged`, about }, forget);
	}

	async function look(question: Question): Promise<Result<Sight, SourceFault>> {
		if (known === null || clock.monotonicMs() - known.atMs > KNOWN_FOR_MS) {
			const asked = await ask(bus, clock.monotonicMs(), userId);
			if (!asked.ok) return asked;
			known = asked.value;
		}
		return ok(sightOf(known, clock.monotonicMs(), question.ownProcessIds));
	}

	return {
		name: "logind",
		tells: "graphical sessions, idle hint, locked screen and programs that keep the screen awake",
		look,
		watch(listener) {
			onNews = listener;
		},
		stop: () => bus.stop(),
	};
}

async function ask(bus: Bus, atMs: number, userId: number): Promise<Result<Known, SourceFault>> {
	const isThere = await bus.has(SERVICE);
	if (!isThere.ok) return asFault(isThere.error);
	if (!isThere.value) return err({ kind: "absent", message: "neither systemd-logind nor elogind runs" });
	const to = { to: SERVICE, path: MANAGER_PATH };
	const [listed, blockers] = await Promise.all([
		bus.call({ ...to, method: `${SERVICE}.Manager.ListSessions` }),
		bus.call({ ...to, method: `${SERVICE}.Manager.ListInhibitors` }),
	]);
	if (!listed.ok) return asFault(listed.error);
	const paths = sessionPaths(listed.value[0], userId);
	const sessions = await Promise.all(paths.map((path) => askSession(bus, path)));
	return ok({
		atMs,
		session: chooseSession(sessions.filter((session) => session !== null)),
		// Who may not list them sees none; the session is worth more than they are.
		inhibitors: blockers.ok
			? rowsIn(blockers.value[0])
					.map(readInhibitor)
					.filter((entry) => entry !== null)
			: [],
	});
}

function asFault({ kind, message }: { kind: string; message: string }): Result<never, SourceFault> {
	return err({ kind: kind === "absent" ? "absent" : "failed", message });
}

/** Rows of `ListSessions`: id, user id, user, seat, path. Accounts below 1000 are the system's. */
function sessionPaths(list: unknown, userId: number): readonly string[] {
	const mine = rowsIn(list).filter(([, user]) => user === userId || userId < 1000);
	return mine
		.map((row) => row[4])
		.filter((path) => typeof path === "string")
		.slice(0, MOST_SESSIONS);
}

/** Null: it is none at a screen, or it ended meanwhile. */
async function askSession(bus: Bus, path: string): Promise<LoginSession | null> {
	const body = [`${SERVICE}.Session`];
	const answer = await bus.call({ to: SERVICE, path, method: `${PROPERTIES}.GetAll`, signature: "s", body });
	return answer.ok ? readSession(answer.value[0]) : null;
}

function sightOf(known: Known, nowMs: number, ownProcessIds: readonly number[]): Sight {
	const { session, inhibitors } = known;
	if (session === null) return { hasDesktop: false };
	const blocker = findBlocker(inhibitors, ownProcessIds);
	return {
		hasDesktop: true,
		idleMs: idleOf(session, nowMs),
		isLocked: session.isLocked,
		foreground: blocker === null ? { kind: "nothing", name: null } : { kind: "presentation", name: blocker.name },
	};
}

/** A desktop that never gave the hint does not give it: that it says "not idle" means nothing then. */
function idleOf({ isIdle, sinceUs }: LoginSession, nowMs: number): number | null {
	if (sinceUs === 0) return null;
	return isIdle ? Math.max(0, nowMs - sinceUs / MICROSECONDS_PER_MILLISECOND) : 0;
}
