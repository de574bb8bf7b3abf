import { statSync } from "node:fs";
import OpenAI from "openai";
import { expect, test } from "vitest";
import type { NoticeObject } from "../contract/contract.ts";
import { webhookEventSchema } from "../contract/contract.ts";
import { testLog } from "../settings/testing.ts";
import { type NotifyTest, openNotifyTest, type Received, startReceiver } from "./testing.ts";

/** Settings that send every event of every batch to a receiver. */
const to = ({ host, url }: { readonly host: string; readonly url: string }) => ({
	webhooks: {
		allowedHosts: [host],
		endpoints: [{ url, events: ["completed" as const, "failed" as const, "needs_attention" as const] }],
	},
});

/** What the official package makes of a webhook; it throws where the signature is not right. */
async function unwrap({ body, headers }: Received, secret: string) {
	const client = new OpenAI({ apiKey: "none needed", webhookSecret: secret });
	const plain = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
		typeof value === "string" ? [[name, value]] : [],
	);
	return client.webhooks.unwrap(body, plain, secret, Number.MAX_SAFE_INTEGER);
}

async function secretOf({ notifier }: NotifyTest): Promise<string> {
	const secret = await notifier.secret();
	if (!secret.ok) throw new Error(secret.error);
	return secret.value;
}

test("a webhook arrives signed, and the official package reads it", async () => {
	await using receiver = await startReceiver();
	await using room = await openNotifyTest(to(receiver));
	room.notifier.start();
	const batchId = await room.failBatch();
	await receiver.until(1);
	const [first] = receiver.received;
	if (first === undefined) throw new Error("Nothing came");
	const secret = await secretOf(room);
	expect(await unwrap(first, secret)).toMatchObject({ type: "batch.failed", data: { id: batchId } });
	const event = webhookEventSchema.parse(JSON.parse(first.body));
	expect(first.headers["webhook-id"]).toBe(event.id);
	await expect(unwrap({ ...first, body: first.body.replace("failed", "complet") }, secret)).rejects.toThrow();
	expect(statSync(room.secretPath).mode & 0o077).toBe(0);
});

test("what did not arrive before the service ended arrives after it, once, with the same id", async () => {
	await using receiver = await startReceiver();
	receiver.answerWith(503);
	await using room = await openNotifyTest(to(receiver));
	room.notifier.start();
	await room.failBatch();
	await receiver.until(1);
	await room.restart();
	receiver.answerWith(200);
	room.notifier.start();
	await receiver.until(2);
	await room.restart();
	room.notifier.start();
	await room.failBatch();
	await receiver.until(3);
	const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
	expect(ids[1]).toBe(ids[0]);
	expect(ids[2]).not.toBe(ids[0]);
	expect(await secretOf(room)).toMatch(/^whsec_/);
});

test("nothing is sent to a host that is not allowed, until it is", async () => {
	await using receiver = await startReceiver();
	const log = testLog();
	await using room = await openNotifyTest(
		{ webhooks: { ...to(receiver).webhooks, allowedHosts: ["example.com"] } },
		log,
	);
	room.notifier.start();
	const batchId = await room.failBatch();
	expect(log.told).toEqual([expect.stringContaining("not among webhooks.allowedHosts")]);
	expect(receiver.received).toEqual([]);
	await room.settings.update({ webhooks: { allowedHosts: [receiver.host] } });
	await receiver.until(1);
	expect(JSON.parse(receiver.received[0]?.body ?? "")).toMatchObject({ data: { id: batchId } });
});

test("a redirection is not followed: it leads to a host that nobody allowed", async () => {
	await using receiver = await startReceiver();
	await using elsewhere = await startReceiver();
	receiver.answerWith(307, elsewhere.url);
	await using room = await openNotifyTest(to(receiver));
	room.notifier.start();
	await room.failBatch();
	await receiver.until(1);
	await room.restart();
	expect(elsewhere.received).toEqual([]);
	expect(room.ledger.deliveries(0)).toEqual([]);
});

test("a receiver that says it is gone is told no more", async () => {
	await using receiver = await startReceiver();
	receiver.answerWith(410);
	await using room = await openNotifyTest(to(receiver));
	room.notifier.start();
	await room.failBatch();
	await receiver.until(1);
	await room.restart();
	expect(room.ledger.deliveries(0)).toMatchObject([{ outcome: "given-up" }]);
});

test("a batch may name an address of its own, and events nobody asked for are not sent", async () => {
	await using receiver = await startReceiver();
	await using own = await startReceiver();
	await using room = await openNotifyTest({
		webhooks: {
			allowedHosts: [receiver.host, own.host],
			endpoints: [{ url: receiver.url, events: ["completed"] }],
		},
	});
	room.notifier.start();
	await room.failBatch({ webhookUrl: own.url });
	await own.until(1);
	expect(receiver.received).toEqual([]);
});

test("listeners hear of each notice in words, and those of before can be asked for", async () => {
	await using room = await openNotifyTest({});
	const heard: NoticeObject[] = [];
	room.notifier.start();
	const stop = room.notifier.watch((notice) => heard.push(notice));
	const batchId = await room.failBatch();
	expect(heard).toMatchObject([{ kind: "failed", batch_id: batchId, title: "input.jsonl failed" }]);
	stop();
	await room.failBatch();
	expect(heard).toHaveLength(1);
	const all = room.notifier.notices(0, 10);
	expect(all).toHaveLength(2);
	expect(room.notifier.notices(all[0]?.number ?? 0, 10)).toEqual(all.slice(1));
});
