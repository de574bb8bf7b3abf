// Scores the demo model on the held-out set through node-llama-cpp, on the CPU, greedily.
//
//   node evaluate.mjs [--model FILE] [--batch FILE] [--labels FILE] [--reference FILE]
//
// --labels is a CSV whose first column is custom_id and whose last column is the label.
// --reference is torch-reference.jsonl of train.py: tokens and greedy answers to compare with.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { getLlama, JinjaTemplateChatWrapper, LlamaChat } from "node-llama-cpp";

const folder = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
	options: {
		model: { type: "string", default: join(folder, "nightshift-demo.gguf") },
		batch: { type: "string", default: join(folder, "heldout.jsonl") },
		labels: { type: "string", default: join(folder, "heldout-labels.csv") },
		reference: { type: "string" },
		lanes: { type: "string", default: "4" },
		threads: { type: "string", default: "1" },
	},
});

/** The rows of a CSV text; quoted cells may hold commas, quotes and line breaks. */
function parseCsv(text) {
	const rows = [];
	let row = [];
	for (const match of text.matchAll(/("(?:[^"]|"")*"|[^",\n]*)(,|\n|$)/g)) {
		if (match[0] === "") break;
		row.push(match[1].startsWith('"') ? match[1].slice(1, -1).replaceAll('""', '"') : match[1]);
		if (match[2] !== ",") {
			rows.push(row);
			row = [];
		}
	}
	return rows;
}

/** A JSON Lines file as objects. */
function readLines(path) {
	return readFileSync(path, "utf8")
		.split("\n")
		.filter(Boolean)
		.map((line) => JSON.parse(line));
}

/** OpenAI messages as a node-llama-cpp history that ends with an open model turn. */
function toHistory(messages) {
	const history = messages.map(({ role, content }) =>
		role === "assistant" ? { type: "model", response: [content] } : { type: role, text: content },
	);
	return [...history, { type: "model", response: [] }];
}

/** Answers every request, a few at a time. */
async function answerAll(requests, context, chatWrapper) {
	const answers = new Map();
	let next = 0;
	const lane = async () => {
		const chat = new LlamaChat({ contextSequence: context.getSequence(), chatWrapper });
		while (next < requests.length) {
			const { custom_id: customId, body } = requests[next++];
			const { response, metadata } = await chat.generateResponse(toHistory(body.messages), {
				maxTokens: body.max_tokens,
				temperature: 0,
			});
			answers.set(customId, { text: response, stop: metadata.stopReason });
		}
	};
	await Promise.all(Array.from({ length: Number(options.lanes) }, lane));
	return answers;
}

/** What the system or user text asks for, and how it is worded. */
function describe({ messages }) {
	const asksJson = messages.some(({ content }) => /json/i.test(content));
	const main =
		/^Classify the support ticket as one of: .* (Reply with the label only\.|Answer as JSON: \{"label": "\.\.\."\}\.)$/;
	return {
		form: asksJson ? "json" : "label",
		wording: main.test(messages[0].content) ? "main prompt" : "held-out prompt",
	};
}

/** Counts right answers per form, wording and label, and prints the wrong ones. */
function score(requests, answers, labels) {
	const groups = new Map();
	for (const { custom_id: customId, body } of requests) {
		const { form, wording } = describe(body);
		const label = labels.get(customId);
		const expected = form === "json" ? JSON.stringify({ label }) : label;
		const { text, stop } = answers.get(customId);
		const right = text === expected && stop === "eogToken";
		for (const group of ["all", form, `${form}, ${wording}`, `${form}, ${label}`]) {
			const count = groups.get(group) ?? { right: 0, total: 0 };
			groups.set(group, { right: count.right + Number(right), total: count.total + 1 });
		}
		if (!right) console.log(`wrong: ${customId} expected ${expected} got ${text} (${stop})`);
	}
	for (const [group, { right, total }] of [...groups].sort(([a], [b]) => a.localeCompare(b)))
		console.log(`${group}: ${right} of ${total} (${((100 * right) / total).toFixed(1)} %)`);
}

/** Compares tokens and answers with what torch computed from the same chats. */
function compareWithTorch(model, requests, answers, reference) {
	const rows = new Map(reference.map((row) => [row.custom_id, row]));
	const count = { texts: 0, sameTokens: 0, answers: 0, sameAnswers: 0 };
	for (const { custom_id: customId, body } of requests) {
		const row = rows.get(customId);
		body.messages.forEach(({ content }, index) => {
			count.texts++;
			count.sameTokens += Number(String(model.tokenize(content)) === String(row.tokens[index]));
		});
		if (row.answer != null) {
			count.answers++;
			count.sameAnswers += Number(answers.get(customId).text === row.answer);
		}
	}
	console.log(`same tokens as the trainer: ${count.sameTokens} of ${count.texts} texts`);
	console.log(`same greedy answer as torch: ${count.sameAnswers} of ${count.answers}`);
}

const llama = await getLlama({ gpu: false, build: "never" });
const model = await llama.loadModel({ modelPath: options.model });
const context = await model.createContext({
	contextSize: 2048,
	sequences: Number(options.lanes),
	threads: Number(options.threads),
});
const template = model.fileInfo.metadata.tokenizer.chat_template;
const requests = readLines(options.batch);
const labels = new Map(
	parseCsv(readFileSync(options.labels, "utf8"))
		.slice(1)
		.map((row) => [row[0], row.at(-1)]),
);
const began = performance.now();
const answers = await answerAll(requests, context, new JinjaTemplateChatWrapper({ template }));
console.log(`${requests.length} requests in ${((performance.now() - began) / 1000).toFixed(1)} s`);
score(requests, answers, labels);
if (options.reference != null) compareWithTorch(model, requests, answers, readLines(options.reference));
await llama.dispose();
