/**
 * `/api/events`: what happened to batches, as a stream that can be taken up where it broke off; for screens also how things are now.
 */
import { Hono } from "hono";
import { z } from "zod";
import type { NoticeObject } from "../contract/contract.ts";
import type { StreamEvent } from "../engine/dialects/dialect.ts";
import type { Notifier } from "../notify/notify.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { badRequest, refuse } from "./errors.ts";
import { createEventStream, type EventStreamLimits, eventStreamHeaders, eventStreamLimits } from "./event-stream.ts";
import { createLiveView, type LiveViewDeps } from "./live-view.ts";
import { createMailbox } from "./mailbox.ts";

/** What the route needs. */
export interface EventRoutesDeps extends LiveViewDeps {
	readonly notifier: Pick<Notifier, "notices" | "watch">;
	/** Aborted when the service stops: these streams have no end of their own, and a stop waits for requests that run. */
	readonly stopping?: AbortSignal;
	/** Smaller in tests. */
	readonly streamLimits?: EventStreamLimits;
}

/** Notices sent at once to a client that comes back: a year of a busy machine; who missed more reads the list of batches. */
const MOST_MISSED = 10_000;

const numberSchema = z.coerce.number().int().min(0);
/** Without it notices only, as programs expect that know of nothing else. */
const topicsSchema = z.literal("all").optional();

/** Makes the route. Without `Last-Event-ID` or `?after=` it begins with what happens next; `?after=0` begins at the beginning. */
export function createEventRoutes(deps: EventRoutesDeps): Hono<ApiEnv> {
	const { notifier, streamLimits = eventStreamLimits } = deps;
	const view = createLiveView(deps);
	const ends = new Set<() => void>();
	deps.stopping?.addEventListener("abort", () => {
		for (const end of [...ends]) end();
	});
	return new Hono<ApiEnv>().get("/api/events", (context) => {
		const asked = context.req.header("last-event-id") ?? context.req.query("after");
		const after = asked === undefined ? null : numberSchema.safeParse(asked);
		if (after?.success === false) {
			return refuse(context, badRequest("'after' takes the number of an event, e.g. 0.", "after", "invalid_value"));
		}
		const topics = topicsSchema.safeParse(context.req.query("topics"));
		if (!topics.success) {
			const message = "'topics' takes 'all', or is left out for notices alone.";
			return refuse(context, badRequest(message, "topics", "invalid_value"));
		}
		const stops: (() => void)[] = [];
		const stop = (): void => {
			for (const one of stops.splice(0)) one();
		};
		const end = (): void => {
			stop();
			void stream.end([]);
		};
		const stream = createEventStream({
			limits: streamLimits,
			onCancel: stop,
			onOverflow: end,
			onIdle: () => mailbox.flush(),
		});
		const send = (events: readonly StreamEvent[]): void => stream.write(events);
		const mailbox = createMailbox({ isIdle: () => stream.isIdle, send, onOverflow: end });
		ends.add(end);
		stops.push(() => ends.delete(end));
		stops.push(notifier.watch((notice) => send([asEvent(notice)])));
		if (topics.data === "all") stops.push(view.open(mailbox));
		if (after !== null) send(notifier.notices(after.data, MOST_MISSED).map(asEvent));
		return context.body(stream.body, 200, eventStreamHeaders);
	});
}

function asEvent(notice: NoticeObject): StreamEvent {
	return { id: String(notice.number), event: "notice", data: notice };
}
