import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FetchBlob } from "../files.ts";
import type { Ledger } from "../ledger.ts";
import { openLedger } from "../open.ts";
import type { LedgerLog } from "../sqlite-ledger.ts";
import { type LedgerUnderTest, manualClock } from "./fixtures.ts";

/** A ledger in a folder of its own, with what it logged. */
export interface SqliteUnderTest extends LedgerUnderTest {
	readonly dataDir: string;
	readonly logged: readonly string[];
	close(): Promise<void>;
}

/** An empty folder for a ledger; remove it with `rmSync`. */
export function temporaryFolder(): string {
	return mkdtempSync(join(tmpdir(), "nightshift-ledger-"));
}

/** Opens a new ledger on SQLite in a temporary folder, or the one that `prepare` puts there. */
export async function sqliteUnderTest(
	prepare: (dataDir: string) => void = () => {},
	fetchBlob?: FetchBlob,
): Promise<SqliteUnderTest> {
	const dataDir = temporaryFolder();
	prepare(dataDir);
	const clock = manualClock();
	const logged: string[] = [];
	const note = (_: object, message: string): void => void logged.push(message);
	const log: LedgerLog = { warn: note, error: note };
	const open = async (): Promise<Ledger> => {
		const opened = await openLedger({ dataDir, clock, log, ...(fetchBlob && { fetchBlob }) });
		if (!opened.ok) throw new Error(opened.error.message);
		return opened.value;
	};
	let ledger = await open();
	return {
		dataDir,
		clock,
		logged,
		get ledger() {
			return ledger;
		},
		async reopen() {
			await ledger.close();
			ledger = await open();
			return ledger;
		},
		close: () => ledger.close(),
		async dispose() {
			await ledger.close();
			rmSync(dataDir, { recursive: true });
		},
	};
}
