import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { z } from "zod";
import { SCHEMA_1 } from "../frozen/schema-1.ts";
import { SCHEMA_2 } from "../frozen/schema-2.ts";

const cellSchema = z.union([z.string(), z.number(), z.null(), z.object({ hex: z.string() })]);
const rowSchema = z.record(z.string(), cellSchema);

const recordsSchema = z.array(z.record(z.string(), z.json()));

/**
 * Writes the data folder of a ledger as the last program of an old schema left it: `frozen/ledger-1.txt` and `-2.txt` have one row
 * or blob a line. In the first: a running batch with a failed line and a crash, a completed one, two with equal segments of which the second
 * took its results over from the first, one whose input is invalid, a cancelled one, an upload and a deleted file. In the second: a batch in its second round with crashes
 * in both, one that ended twice, a held rehearsal, one given up, one invalid, one whose results were dropped; and what that program
 * showed of it all.
 */
export function writeOldLedger(dataDir: string, version: 1 | 2 = 1): void {
	const database = new SqliteDatabase(join(dataDir, "ledger.sqlite"));
	database.exec(version === 1 ? SCHEMA_1 : SCHEMA_2);
	database.pragma(`user_version = ${version}`);
	for (const [what, value] of frozen(version)) {
		if (what === "records" || what === "notices") continue;
		if (what === "blob") {
			writeBlob(join(dataDir, "blobs"), z.string().parse(value));
			continue;
		}
		const row = rowSchema.parse(value);
		const cells = Object.values(row).map((cell) =>
			typeof cell === "object" && cell !== null ? Buffer.from(cell.hex, "hex") : cell,
		);
		const places = cells.map(() => "?").join(", ");
		database.prepare(`INSERT INTO ${what} (${Object.keys(row).join(", ")}) VALUES (${places})`).run(...cells);
	}
	database.close();
}

/** What the program of schema 2 showed of its frozen ledger. */
export function oldRecords() {
	const shown = new Map(frozen(2));
	return { batches: recordsSchema.parse(shown.get("records")), notices: recordsSchema.parse(shown.get("notices")) };
}

function frozen(version: 1 | 2): (readonly [what: string, value: unknown])[] {
	const text = readFileSync(new URL(`../frozen/ledger-${version}.txt`, import.meta.url), "utf8");
	return text
		.trimEnd()
		.split("\n")
		.map((line) => {
			const [what = ""] = line.split(" ", 1);
			const value: unknown = JSON.parse(line.slice(what.length + 1));
			return [what, value];
		});
}

function writeBlob(folder: string, text: string): void {
	const digest = createHash("sha256").update(text).digest("hex");
	mkdirSync(join(folder, digest.slice(0, 2)), { recursive: true });
	writeFileSync(join(folder, digest.slice(0, 2), digest), text);
}
