/** Asks one source at each look, bears with one that hangs, and says once what becomes of it. */
import { type Clock, err, type Log, type Result } from "../base/base.ts";
import type { MachineSource } from "../contract/contract.ts";
import type { Question, Sight, Source, SourceFault } from "./source.ts";

/** Well below the pace of looking closely, and far more than any source needs that is not stuck. */
const LOOK_LIMIT_MS = 1_500;
/** What is not on this computer may be plugged in or installed, but not often. */
const ABSENT_AGAIN_MS = 10 * 60_000;
/** A source that comes and goes all night would fill the log; what it does is told by `nightshift doctor`, too. */
const MOST_SAID = 20;
/** Ending gives a call under way this long: letting go of a library that is still at work would crash the service. */
const STOP_LIMIT_MS = 1_500;

/** What it takes to ask. */
export interface AskerDeps {
	readonly source: Source;
	readonly clock: Clock;
	readonly log: Log;
	/** The source has news: something may be different already. */
	readonly onNews: () => void;
}

/** A question before its time is limited. */
export type AskedQuestion = Omit<Question, "signal">;

/** Asks one source. */
export interface Asker {
	readonly name: string;
	/** Null: it tells nothing this time. Never takes longer than `LOOK_LIMIT_MS`. */
	ask(question: AskedQuestion): Promise<Sight | null>;
	/** Null: it was never asked. */
	readonly state: MachineSource | null;
	/** Lets go of the source. */
	stop(): Promise<void>;
}

/** Begins to listen to a source. */
export function createAsker({ source, clock, log, onNews }: AskerDeps): Asker {
	const { name } = source;
	let state: MachineSource | null = null;
	/** The look under way, which may outlast its time. */
	let running: Promise<unknown> | null = null;
	let endLook = (): void => {};
	let askAgainMs = 0;
	/** Of something that this source has not been asked about since. */
	let hasNews = false;
	let timesSaid = 0;
	let isStopped = false;

	source.watch?.(() => {
		hasNews = true;
		onNews();
	});

	function say(next: MachineSource): void {
		const before = state?.state ?? null;
		state = next;
		if (before === next.state || (before === null && next.state === "answers")) return;
		timesSaid++;
		const level = timesSaid > MOST_SAID ? "debug" : next.state === "failed" ? "warn" : "info";
		log[level]({ source: name }, `${name} ${nameState(next)}`);
	}

	async function runLook(question: AskedQuestion): Promise<Result<Sight, SourceFault>> {
		hasNews = false;
		const timeLimit = new AbortController();
		endLook = () => timeLimit.abort();
		const timer = setTimeout(endLook, LOOK_LIMIT_MS);
		timer.unref();
		const look = answerOf(source, { ...question, signal: timeLimit.signal }).finally(() => {
			running = null;
		});
		running = look;
		const seen = await Promise.race([look, aborted(timeLimit.signal)]);
		clearTimeout(timer);
		return seen ?? fault(`it did not answer within ${LOOK_LIMIT_MS / 1_000} s`);
	}

	async function ask(question: AskedQuestion): Promise<Sight | null> {
		if (isStopped) return null;
		if (state?.state === "absent" && !hasNews && clock.monotonicMs() < askAgainMs) return null;
		const seen = running === null ? await runLook(question) : fault("it has not answered yet since an earlier look");
		if (isStopped) return null;
		if (seen.ok) {
			say({ name, state: "answers", detail: source.tells });
			return seen.value;
		}
		const { kind, message } = seen.error;
		if (kind === "absent") askAgainMs = clock.monotonicMs() + ABSENT_AGAIN_MS;
		say({ name, state: kind, detail: message });
		return null;
	}

	return {
		name,
		ask,
		get state() {
			return state;
		},
		async stop() {
			isStopped = true;
			endLook();
			if (running !== null) await Promise.race([running, after(STOP_LIMIT_MS)]);
			if (running === null) await Promise.race([letGo(source, log), after(STOP_LIMIT_MS)]);
			else log.warn({ source: name }, `${name} still has not answered; it is left as it is`);
		},
	};
}

async function letGo(source: Source, log: Log): Promise<void> {
	try {
		await source.stop();
	} catch (error) {
		log.error({ source: source.name, error: String(error) }, `${source.name} could not be let go of`);
	}
}

/** A source that throws has a bug; the others go on. */
async function answerOf(source: Source, question: Question): Promise<Result<Sight, SourceFault>> {
	try {
		return await source.look(question);
	} catch (error) {
		return fault(`it broke: ${error instanceof Error ? error.message : String(error)}`);
	}
}

/** Null when the time is up. */
function aborted(signal: AbortSignal): Promise<null> {
	const { promise, resolve } = Promise.withResolvers<null>();
	signal.addEventListener("abort", () => resolve(null), { once: true });
	return promise;
}

function fault(message: string): Result<Sight, SourceFault> {
	return err({ kind: "failed", message });
}

function nameState({ state, detail }: MachineSource): string {
	return state === "answers" ? `answers again: ${detail}` : `tells nothing: ${detail}`;
}

function after(ms: number): Promise<void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	setTimeout(resolve, ms).unref();
	return promise;
}
