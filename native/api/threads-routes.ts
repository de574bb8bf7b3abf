/** `/api/threads`: conversations of the chat window. */
import { Hono } from "hono";
import { assertNever } from "../base/base.ts";
import { type ThreadDeleted, type ThreadList, threadWriteSchema } from "../contract/contract.ts";
import { newThreadId, type ThreadFailure, type Threads } from "../threads/threads.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { readJson } from "./body.ts";
import { type ApiFault, conflict, notFound, refuse } from "./errors.ts";
import type { ApiLimits } from "./limits.ts";

/** What the routes need. */
export interface ThreadsRoutesDeps {
	readonly threads: Threads;
	readonly limits: ApiLimits;
}

/** In the place of an id: a new conversation, whose id is made here. */
const NEW = "new";

/** Makes the routes of `/api/threads`. */
export function createThreadsRoutes({ threads, limits }: ThreadsRoutesDeps): Hono<ApiEnv> {
	const routes = new Hono<ApiEnv>();

	routes.get("/api/threads", async (context) =>
		context.json({ data: [...(await threads.list())] } satisfies ThreadList),
	);

	routes.get("/api/threads/:id", async (context) => {
		const id = context.req.param("id");
		const thread = await threads.read(id);
		return thread === null ? refuse(context, notFound("Thread", id)) : context.json(thread);
	});

	routes.put("/api/threads/:id", async (context) => {
		// A conversation comes whole, and is what a live request says again and again.
		const body = await readJson(context.req.raw, threadWriteSchema, limits, limits.liveJsonBytes);
		if (!body.ok) return refuse(context, body.error);
		const asked = context.req.param("id");
		const written = await threads.write(asked === NEW ? newThreadId() : asked, body.value);
		return written.ok ? context.json(written.value) : refuse(context, describe(written.error));
	});

	routes.delete("/api/threads/:id", async (context) => {
		const id = context.req.param("id");
		if (!(await threads.remove(id))) return refuse(context, notFound("Thread", id));
		return context.json({ id, deleted: true } satisfies ThreadDeleted);
	});

	return routes;
}

function describe({ kind, message }: ThreadFailure): ApiFault {
	switch (kind) {
		case "changed":
			return conflict(message, "thread_changed");
		case "gone":
			return { status: 404, message, param: "id", code: "thread_not_found" };
		case "full":
			return conflict(message, "too_many_threads");
		case "not-written":
			return { status: 503, message, param: null, code: "not_written" };
		default:
			return assertNever(kind);
	}
}
