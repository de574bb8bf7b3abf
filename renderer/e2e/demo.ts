/** A service with something to see on every screen: what pictures and rules of access are looked at with. Real work of the demo model. */
import { rehearsalSchema, type ThreadWrite, threadSchema } from "../../native/contract/contract.ts";
import { manyDifferentTickets, question, tickets, ticketsWithPictures } from "./files.ts";
import { hasEnded, submit, untilBatch } from "./jobs.ts";
import { given, type TestService } from "./service.ts";

/** Ids of what is there. */
export interface Demo {
	readonly doneId: string;
	readonly partialId: string;
	readonly runningId: string;
	readonly threadId: string;
}

const answerText = `**billing**

The customer was charged twice and asks for money back, so this goes to *billing*.

1. Look the payment up by its order number.
2. Refund the second one.

\`\`\`json
{ "label": "billing", "refund": true }
\`\`\`

| step | who |
| --- | --- |
| refund | billing |
`;

const thread: ThreadWrite = {
	revision: 0,
	title: "Charged twice",
	options: { model: null, system: question.system, temperature: 0, top_p: null, max_tokens: null },
	messages: [
		{ id: "m1", role: "user", text: question.ticket, thinking: null, figures: null, stopped: null, at: 1_795_200_000 },
		{
			id: "m2",
			role: "assistant",
			text: answerText,
			thinking: "The ticket speaks of two charges and a refund.",
			figures: {
				model: "demo",
				input_tokens: 93,
				output_tokens: 71,
				first_token_ms: 84,
				tokens_per_second: 412,
				finish_reason: "stop",
			},
			stopped: null,
			at: 1_795_200_004,
		},
	],
};

/** Lines of the batch that runs while all screens are looked at: some minutes of work, it is never waited for. */
const RUNNING_LINES = 20_000;

/** Makes a finished batch, one with failed lines, a draft with its rehearsal, a chat, and at last one that runs. */
export async function makeDemo(service: TestService): Promise<Demo> {
	const { client } = service;
	const doneId = await submit(service, tickets("support-tickets.jsonl", 0, 24));
	const partialId = await submit(service, ticketsWithPictures("with-pictures.jsonl", 24, 40));
	for (const id of [doneId, partialId]) await untilBatch(service, id, hasEnded);
	const draft = tickets("tomorrow.jsonl", 40, 140);
	const body = { input_file_id: await service.upload(draft.name, draft.content) };
	given(await client.call("/api/batches/rehearse?wait=60", rehearsalSchema, { body, limitMs: 70_000 }));
	const made = given(await client.call("/api/threads/new", threadSchema, { method: "PUT", body: thread }));
	const runningId = await submit(service, manyDifferentTickets("nightly-classification.jsonl", RUNNING_LINES));
	await untilBatch(service, runningId, ({ request_counts: { completed } }) => completed > 0);
	return { doneId, partialId, runningId, threadId: made.id };
}
