/** `/api/events`: what happened to batches, as a stream that can be taken up where it broke off. */
import { Hono } from "hono";
import { z } from "zod";
import type { NoticeObject } from "../contract/contract.ts";
import type { StreamEvent } from "../engine/dialects/dialect.ts";
import type { Notifier } from "../notify/notify.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { badRequest, refuse } from "./errors.ts";
import { createEventStream, type EventStreamLimits, eventStreamHeaders, eventStreamLimits } from "./event-stream.ts";

/** What the route needs. */
export interface EventRoutesDeps {
	readonly notifier: Pick<Notifier, "notices" | "watch">;
	/** Smaller in tests. */
	readonly streamLimits?: EventStreamLimits;
}

/** Notices sent at once to a client that comes back: a year of a busy machine; who missed more reads the list of batches. */
const MOST_MISSED = 10_000;

const numberSchema = z.coerce.number().int().min(0);

/** Makes the route. Without `Last-Event-ID` or `?after=` it begins with what happens next; `?after=0` begins at the beginning. */
export function createEventRoutes({ notifier, streamLimits = eventStreamLimits }: EventRoutesDeps): Hono<ApiEnv> {
	return new Hono<ApiEnv>().get("/api/events", (context) => {
		const asked = context.req.header("last-event-id") ?? context.req.query("after");
		const after = asked === undefined ? null : numberSchema.safeParse(asked);
		if (after?.success === false) {
			return refuse(context, badRequest("'after' takes the number of an event, e.g. 0.", "after", "invalid_value"));
		}
		let stopWatching = () => {};
		const stop = (): void => stopWatching();
		const stream = createEventStream({ limits: streamLimits, onCancel: stop, onOverflow: () => end() });
		const end = (): void => {
			stop();
			void stream.end([]);
		};
		stopWatching = notifier.watch((notice) => stream.write([asEvent(notice)]));
		if (after !== null) stream.write(notifier.notices(after.data, MOST_MISSED).map(asEvent));
		return context.body(stream.body, 200, eventStreamHeaders);
	});
}

function asEvent(notice: NoticeObject): StreamEvent {
	return { id: String(notice.number), event: "notice", data: notice };
}
