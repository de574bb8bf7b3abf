import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { z } from "zod";
import { SCHEMA_1 } from "../frozen/schema-1.ts";

const cellSchema = z.union([z.string(), z.number(), z.null(), z.object({ hex: z.string() })]);
const rowSchema = z.record(z.string(), cellSchema);

/**
 * Writes the data folder of a ledger of schema 1 as the last program of that schema left it: `frozen/ledger-1.txt` has one row or
 * blob a line. In it: a running batch with a failed line and a crash, a completed one, two with equal segments of which the second
 * took its results over from the first, one whose input is invalid, a cancelled one, an upload and a deleted file.
 */
export function writeOldLedger(dataDir: string): void {
	const database = new SqliteDatabase(join(dataDir, "ledger.sqlite"));
	database.exec(SCHEMA_1);
	database.pragma("user_version = 1");
	for (const line of readFileSync(new URL("../frozen/ledger-1.txt", import.meta.url), "utf8")
		.trimEnd()
		.split("\n")) {
		const [what = ""] = line.split(" ", 1);
		const value: unknown = JSON.parse(line.slice(what.length + 1));
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

function writeBlob(folder: string, text: string): void {
	const digest = createHash("sha256").update(text).digest("hex");
	mkdirSync(join(folder, digest.slice(0, 2)), { recursive: true });
	writeFileSync(join(folder, digest.slice(0, 2), digest), text);
}
