/** Files to drop: what people have, good and bad, and how they get onto the page. */
import { readFileSync } from "node:fs";
import { classify, lineAsking, pictureMessages, ticketsPath } from "../../native/cli/testing.ts";
import { words } from "../words/words.ts";
import type { Visit } from "./browser.ts";

/** A file in somebody's hand. */
export interface HeldFile {
	readonly name: string;
	readonly content: string;
}

/** Some of the bundled tickets as an OpenAI batch file, counted from 0. */
export function tickets(name: string, from: number, to: number): HeldFile {
	const lines = readFileSync(ticketsPath, "utf8").split("\n").slice(from, to);
	return { name, content: `${lines.join("\n")}\n` };
}

/** Tickets of which some ask about a picture, which no model here can see: those fail. */
export function ticketsWithPictures(name: string, from: number, to: number): HeldFile {
	const good = tickets(name, from, to);
	const bad = ["picture-1", "picture-2"].map((id) => lineAsking(id, "", { messages: pictureMessages }));
	return { name, content: `${good.content}${bad.join("\n")}\n` };
}

/** A file with a fault of each common kind, and where they are. */
export const faulty = {
	name: "faulty.jsonl",
	content: `${[
		lineAsking("good-1", "I was charged twice."),
		'{"custom_id": "broken-json", ',
		lineAsking("good-1", "The same id once more."),
		JSON.stringify({ custom_id: "no-body", method: "POST", url: "/v1/chat/completions" }),
		lineAsking("too-hot", "How warm is it?", { temperature: 9 }),
		lineAsking("good-2", "It crashes."),
	].join("\n")}\n`,
	lines: [2, 3, 4, 5],
} as const;

/** Many lines that ask few different things: made quickly, and the engine answers each thing once. */
export function manyTickets(name: string, count: number): HeldFile {
	const kinds = readFileSync(ticketsPath, "utf8").split("\n").slice(0, 25);
	const bodies = kinds.map((line) => line.slice(line.indexOf(",") + 1));
	const lines = Array.from({ length: count }, (_, index) => {
		return `{"custom_id": "row-${String(index + 1).padStart(6, "0")}",${bodies[index % bodies.length]}`;
	});
	return { name, content: `${lines.join("\n")}\n` };
}

/** More tickets than are bundled, no two of them the same: work for a while. */
export function manyDifferentTickets(name: string, count: number): HeldFile {
	const lines = readFileSync(ticketsPath, "utf8").trimEnd().split("\n");
	const made = Array.from({ length: count }, (_, index) => {
		const id = `"custom_id": "night-${String(index + 1).padStart(5, "0")}"`;
		const line = lines[index % lines.length] ?? "";
		return line.replace(/"custom_id": "[^"]+"/, id).replace("Subject: ", `Subject: ${index + 1} `);
	});
	return { name, content: `${made.join("\n")}\n` };
}

/** A question for the chat that the demo model knows how to answer. */
export const question = {
	system: classify,
	ticket: "I was charged twice for my subscription, please refund one payment.",
};

/** Drops files on the window, as a file manager does. */
export async function drop({ page }: Visit, ...files: readonly HeldFile[]): Promise<void> {
	await page.evaluate((held) => {
		const transfer = new DataTransfer();
		for (const { name, content } of held) transfer.items.add(new File([content], name));
		for (const type of ["dragenter", "dragover", "drop"]) {
			const target = document.querySelector("main") ?? document.body;
			target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
		}
	}, files);
}

/** Chooses files through the browser's own window for it. */
export async function choose({ page }: Visit, ...files: readonly HeldFile[]): Promise<void> {
	const chosen = files.map(({ name, content }) => ({ name, mimeType: "", buffer: Buffer.from(content) }));
	await page.getByLabel(words.drop.chooseFiles, { exact: true }).setInputFiles(chosen);
}
