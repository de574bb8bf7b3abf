import { afterEach, beforeEach, describe } from "vitest";
import { adoptionContract } from "./testing/adoption.contract.ts";
import { batchesContract } from "./testing/batches.contract.ts";
import { controlContract, rehearsalContract } from "./testing/control.contract.ts";
import { figuresContract } from "./testing/figures.contract.ts";
import { filesContract, uploadsContract } from "./testing/files.contract.ts";
import type { LedgerUnderTest } from "./testing/fixtures.ts";
import { machinesContract } from "./testing/machines.contract.ts";
import { retryContract } from "./testing/retry.contract.ts";
import { workContract } from "./testing/work.contract.ts";

/**
 * The tests that every implementation of `Ledger` must pass, whatever it stores things in. Call it at the top of a test file;
 * `makeLedger` answers a new, empty ledger for each test.
 */
export function ledgerContract(makeLedger: () => Promise<LedgerUnderTest>): void {
	let current: LedgerUnderTest | null = null;
	const given = (): LedgerUnderTest => {
		if (current === null) throw new Error("There is a ledger only within a test.");
		return current;
	};
	beforeEach(async () => {
		current = await makeLedger();
	});
	afterEach(async () => {
		await current?.dispose();
		current = null;
	});
	describe("files", () => filesContract(given));
	describe("uploads", () => uploadsContract(given));
	describe("batches", () => batchesContract(given));
	describe("work", () => workContract(given));
	describe("adoption", () => adoptionContract(given));
	describe("rehearsals", () => rehearsalContract(given));
	describe("control", () => controlContract(given));
	describe("retries", () => retryContract(given));
	describe("several machines", () => machinesContract(given));
	describe("figures and notices", () => figuresContract(given));
}
