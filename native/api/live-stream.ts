/** A live reply in pieces: what the model says goes out as it comes, and whatever ends it early is said in the stream. */
import type { Log } from "../base/base.ts";
import type { ReplyFault, ReplyStream, StreamEvent } from "../engine/dialects/dialect.ts";
import type { EngineRequest } from "../engine/request.ts";
import type { LiveFailure, LiveTurn } from "../live/live.ts";
import { createEventStream, type EventStreamLimits, eventStreamHeaders } from "./event-stream.ts";
import { brokenFault, liveRefusal, unreadFault } from "./live-faults.ts";

/** What a streamed reply is made from. */
export interface LiveStreamDeps {
	readonly turn: LiveTurn;
	readonly requests: readonly EngineRequest[];
	readonly writer: ReplyStream;
	/** Ends the turn's work: nobody reads any more. */
	readonly abandon: () => void;
	/** The first request entered a lane. */
	readonly onStart: () => void;
	readonly endpoint: string;
	readonly requestId: string;
	readonly limits: EventStreamLimits;
	readonly log: Log;
}

/** A reply under way. */
export interface LiveStream {
	readonly response: Response;
	/** Resolves when the last byte is handed over, or nobody takes it. */
	readonly ended: Promise<void>;
}

/**
 * Runs the requests and answers once the first is in a lane; what fails before that is not a stream yet and is answered as a
 * failure, so that clients see its real status. Ends the turn when the work is over, read or not.
 */
export async function streamReply(deps: LiveStreamDeps): Promise<LiveStream | LiveFailure> {
	const { turn, requests, writer, abandon, onStart, endpoint, requestId, limits, log } = deps;
	const started = Promise.withResolvers<null>();
	let hasBegun = false;
	/** Why we ended it ourselves. */
	let fault: ReplyFault | null = null;

	function giveUp(reason: ReplyFault): void {
		fault ??= reason;
		abandon();
	}
	const events = createEventStream({ limits, onCancel: abandon, onOverflow: () => giveUp(unreadFault) });

	/** The engine must not hear of a writer that fails: it serves others too. */
	function write(make: () => readonly StreamEvent[]): void {
		try {
			events.write(make());
		} catch (error) {
			log.error({ error, requestId }, "a piece of a reply could not be written");
			giveUp(brokenFault(requestId));
		}
	}
	function begin(promptTokens: number): void {
		hasBegun = true;
		write(() => writer.begin(promptTokens));
	}

	const running = turn
		.run(requests, {
			onStart({ promptTokens }) {
				onStart();
				begin(promptTokens);
				started.resolve(null);
			},
			onDelta: (request, delta) => write(() => writer.push(request, delta)),
		})
		.finally(() => turn.end());

	async function lastEvents(): Promise<readonly StreamEvent[]> {
		try {
			const ran = await running;
			if (fault !== null) return writer.fail(fault);
			if (!ran.ok) return writer.fail(liveRefusal(ran.error, endpoint).fault);
			if (!hasBegun) begin(ran.value.results[0]?.promptTokens ?? 0);
			return writer.end(ran.value.results);
		} catch (error) {
			log.error({ error, requestId }, "a reply could not be brought to its end");
			return writer.fail(brokenFault(requestId));
		}
	}

	const early = await Promise.race([started.promise, running]);
	if (early !== null && !early.ok) {
		void events.end([]);
		return early.error;
	}
	const ended = lastEvents().then((last) => events.end(last));
	return { response: new Response(events.body, { headers: eventStreamHeaders }), ended };
}
