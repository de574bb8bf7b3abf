/** Memory while something large goes in and out. The client is a process of its own, so that only the server is measured. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { startTestApi } from "./testing.ts";

const pieceBytes = 1_000_000;
const mebibyte = 1024 * 1024;
/** What the collector lets lie about; holding the file would take 190. */
const growthLimitBytes = 80 * mebibyte;

/** Uploads lines of `count` pieces without a length, downloads the file, and prints how many bytes came back. */
const client = `
const [url, bytes, count] = [process.argv[1], Number(process.argv[2]), Number(process.argv[3])];
const { Readable } = await import("node:stream");
const text = (value) => Buffer.from(value);
async function* form() {
	yield text('--b\\r\\nContent-Disposition: form-data; name="file"; filename="a"\\r\\n\\r\\n');
	for (let index = 0; index < count; index++) yield Buffer.alloc(bytes, "line " + index).fill("\\n", bytes - 1);
	yield text('\\r\\n--b\\r\\nContent-Disposition: form-data; name="purpose"\\r\\n\\r\\nbatch\\r\\n--b--\\r\\n');
}
const headers = { "content-type": "multipart/form-data; boundary=b" };
const body = Readable.toWeb(Readable.from(form()));
const file = await (await fetch(url + "/v1/files", { method: "POST", body, headers, duplex: "half" })).json();
let received = 0;
const content = await fetch(url + "/v1/files/" + file.id + "/content");
for await (const piece of content.body) received += piece.length;
console.log(JSON.stringify({ stored: file.bytes, received }));
`;

/** Sends and fetches a file of so many pieces from another process. */
async function roundTrip(url: string, pieceCount: number): Promise<void> {
	const args = ["--input-type=module", "-e", client, url, String(pieceBytes), String(pieceCount)];
	const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
	const output = child.stdout.setEncoding("utf8").toArray();
	await once(child, "close");
	const bytes = pieceBytes * pieceCount;
	expect(JSON.parse((await output).join(""))).toEqual({ stored: bytes, received: bytes });
}

it("takes and gives 200 MB without holding them", async () => {
	await using api = await startTestApi();
	// Code, buffers and pools that any upload needs.
	await roundTrip(api.url, 50);
	const before = process.memoryUsage.rss();
	let peak = before;
	const sampling = setInterval(() => {
		peak = Math.max(peak, process.memoryUsage.rss());
	}, 10);
	await roundTrip(api.url, 200);
	clearInterval(sampling);
	console.log(`RSS grew by ${Math.round((peak - before) / mebibyte)} MiB while 200 MB went in and out`);
	expect(peak - before).toBeLessThan(growthLimitBytes);
});
