/**
 * Live requests: one handler for every dialect's url. Owns the order of things: batch work steps aside at the arrival, before a
 * byte of the body is read, and stays aside until the last byte of the answer is handed over or nobody wants it any more.
 */
import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import type { Clock, Log } from "../base/base.ts";
import type { MessageTokensCount } from "../contract/contract.ts";
import {
	type Dialect,
	liveDialects,
	parseCountTokens,
	type RenderContext,
	refusal,
	type Translation,
} from "../engine/dialects/dialect.ts";
import type { Live, LiveTurn } from "../live/live.ts";
import type { StepAside, Visit } from "../scheduler/scheduler.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { readJsonValue } from "./body.ts";
import { type EventStreamLimits, eventStreamLimits } from "./event-stream.ts";
import type { ApiLimits } from "./limits.ts";
import { clientOf } from "./live-client.ts";
import { apiRefusal, type LiveRefusal, liveRefusal, refusalOf } from "./live-faults.ts";
import { streamReply } from "./live-stream.ts";

/** What the routes need. */
export interface LiveRouteDeps {
	readonly live: Live;
	readonly stepAside: Pick<StepAside, "arrive">;
	readonly clock: Clock;
	readonly log: Log;
	readonly limits: ApiLimits;
	/** Smaller in tests. */
	readonly streamLimits?: EventStreamLimits;
}

/** A request that has arrived. */
interface Guest {
	readonly endpoint: string;
	readonly requestId: string;
	readonly dialect: Dialect;
	readonly visit: Visit;
	/** Aborts when the client is gone or takes no more. */
	readonly gone: AbortSignal;
	readonly abandon: () => void;
}

/** What a guest gets. */
interface Answer {
	readonly response: Response;
	/** Resolves when nothing more is done for it. */
	readonly ended: Promise<void>;
}

/** Counts the tokens of a Messages request; answered by no model, but in the words of that dialect. */
const countTokensUrl = "/v1/messages/count_tokens";

/** Makes the routes of `/v1/chat/completions` and its like. */
export function createLiveRoutes(deps: LiveRouteDeps): Hono<ApiEnv> {
	const { live, stepAside, log, limits } = deps;
	const routes = new Hono<ApiEnv>();
	let reading = 0;

	/** Bodies being read are bounded in number like the requests they become: each may take `liveJsonBytes` of memory. */
	async function readBody(request: Request): Promise<{ readonly value: unknown } | LiveRefusal> {
		const { limit } = live.status;
		if (reading >= limit) {
			const message = `${limit} requests are being sent at this moment, which is as many as may. Send this one again.`;
			return liveRefusal({ kind: "queue-full", message, retryAfterSeconds: 1 }, "");
		}
		reading++;
		try {
			const body = await readJsonValue(request, limits, limits.liveJsonBytes);
			return body.ok ? { value: body.value } : apiRefusal(body.error);
		} finally {
			reading--;
		}
	}

	async function receive(
		context: Context<ApiEnv>,
		dialect: Dialect,
		serve: (deps: LiveRouteDeps, guest: Guest, body: unknown) => Promise<Answer | LiveRefusal>,
	): Promise<Response> {
		const endpoint = context.req.path;
		const isOwnPage = context.req.header("origin") === new URL(context.req.url).origin;
		const client = clientOf(context.req.header("user-agent"), isOwnPage);
		const visit = stepAside.arrive({ kind: "request", endpoint, client });
		let ended = Promise.resolve();
		try {
			const requestId = context.get("requestId");
			const leaving = new AbortController();
			const gone = AbortSignal.any([context.req.raw.signal, leaving.signal]);
			const guest = { endpoint, requestId, dialect, visit, gone, abandon: () => leaving.abort() };
			const body = await readBody(context.req.raw);
			const answer = "value" in body ? await serve(deps, guest, body.value) : body;
			if ("fault" in answer) return refuseGuest(guest, answer);
			ended = answer.ended;
			return answer.response;
		} finally {
			ended
				.catch((error: unknown) => log.error({ error }, "a reply could not be brought to its end"))
				.finally(() => visit.leave());
		}
	}

	for (const [url, dialect] of Object.entries(liveDialects)) {
		routes.post(url, (context) => receive(context, dialect, answerGuest));
	}
	routes.post(countTokensUrl, (context) => receive(context, liveDialects["/v1/messages"], countForGuest));
	return routes;
}

function refuseGuest({ dialect, requestId }: Guest, { fault, headers }: LiveRefusal): Response {
	return Response.json(dialect.renderFault(fault, requestId), { status: fault.status, headers });
}

async function answerGuest(deps: LiveRouteDeps, guest: Guest, body: unknown): Promise<Answer | LiveRefusal> {
	const { live, log, streamLimits = eventStreamLimits } = deps;
	const { dialect, endpoint, requestId, visit, gone, abandon } = guest;
	const use = endpoint === "/v1/embeddings" ? "embedding" : "chat";
	const parsed = dialect.parse(body, { allowStream: true, defaultModel: live.defaultModel(use) });
	if (!parsed.ok) return refusalOf(refusal(parsed.error[0]));
	const translation = parsed.value;
	const begun = await live.begin(translation.model, use, gone);
	if (!begun.ok) return liveRefusal(begun.error, endpoint);
	const turn = begun.value;
	let isStreaming = false;
	try {
		const context = renderContext(deps, dialect, turn);
		if (translation.stream === null) return await answerWhole(guest, translation, turn, context);
		const writer = translation.stream(context);
		const { requests } = translation;
		const onStart = () => visit.worked();
		const limits = streamLimits;
		const reply = await streamReply({ turn, requests, writer, abandon, onStart, endpoint, requestId, limits, log });
		if ("kind" in reply) return liveRefusal(reply, endpoint);
		isStreaming = true;
		return reply;
	} finally {
		if (!isStreaming) turn.end();
	}
}

async function answerWhole(
	{ endpoint, visit }: Guest,
	translation: Translation,
	turn: LiveTurn,
	context: RenderContext,
): Promise<Answer | LiveRefusal> {
	const ran = await turn.run(translation.requests, { onStart: () => visit.worked() });
	if (!ran.ok) return liveRefusal(ran.error, endpoint);
	return handOver(translation.render(ran.value.results, context));
}

async function countForGuest(
	{ live }: LiveRouteDeps,
	{ endpoint, gone }: Guest,
	body: unknown,
): Promise<Answer | LiveRefusal> {
	const parsed = parseCountTokens(body, { allowStream: true, defaultModel: live.defaultModel("chat") });
	if (!parsed.ok) return refusalOf(refusal(parsed.error[0]));
	const begun = await live.begin(parsed.value.model, "chat", gone);
	if (!begun.ok) return liveRefusal(begun.error, endpoint);
	const turn = begun.value;
	try {
		const counted = await turn.count(parsed.value.requests);
		if (!counted.ok) return liveRefusal(counted.error, endpoint);
		const input_tokens = counted.value.reduce((sum, length) => sum + length, 0);
		return handOver({ input_tokens } satisfies MessageTokensCount);
	} finally {
		turn.end();
	}
}

/** A whole reply is handed over as soon as it is returned: it waits for nothing but the socket. */
function handOver(reply: object): Answer {
	return { response: Response.json(reply), ended: Promise.resolve() };
}

function renderContext({ clock }: LiveRouteDeps, { idPrefix }: Dialect, { model }: LiveTurn): RenderContext {
	return {
		id: `${idPrefix}${randomUUID().replaceAll("-", "")}`,
		createdSeconds: Math.floor(clock.nowMs() / 1000),
		model: model.name,
		systemFingerprint: model.fingerprint,
		includeCachedTokens: true,
	};
}
