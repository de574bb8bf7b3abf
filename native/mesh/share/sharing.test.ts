import { afterEach, beforeEach, expect, test } from "vitest";
import { err, ok } from "../../base/base.ts";
import type { BatchRecord } from "../../ledger/ledger.ts";
import { makeBatch, makeFile, manifestOf, storeText } from "../../ledger/testing/fixtures.ts";
import { carry, copyBlob } from "../../ledger/testing/fleet.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "../../ledger/testing/sqlite.ts";
import { createSharing } from "./sharing.ts";
import { createStandIn } from "./stand-in.ts";

/** The machine that made batches, and one that is to do its part. */
let maker: SqliteUnderTest;
let host: SqliteUnderTest;

beforeEach(async () => {
	[maker, host] = [await sqliteUnderTest(), await sqliteUnderTest()];
});
afterEach(async () => {
	await maker.dispose();
	await host.dispose();
});

const none = { hasLines: () => false, moreLines: async () => false };
const noEndings = { dueOf: () => null, built() {}, failed() {} };

function sharingOf({ ledger, clock }: SqliteUnderTest) {
	const standIn = createStandIn({ ledger, clock, onChange() {} });
	const isInputThere = { value: true };
	const sharing = createSharing({
		...{ ledger, standIn, slices: none, endings: noEndings },
		isShared: () => true,
		othersAtWork: () => [],
		async fetch(blobs) {
			if (!isInputThere.value) return err({ kind: "unreachable", message: "No other machine could give it." });
			for (const { digest } of blobs) copyBlob(maker, host, digest);
			return ok(null);
		},
	});
	return { sharing, standIn, isInputThere };
}

function batchOn({ ledger }: SqliteUnderTest, id: string): BatchRecord {
	const batch = ledger.batch(id);
	if (batch === null) throw new Error(`There is no batch ${id}.`);
	return batch;
}

/** A batch that the maker has not checked yet. */
async function unchecked(): Promise<string> {
	const file = await makeFile(maker.ledger, "a line\n");
	const { batch } = await maker.ledger.createBatch(manifestOf(file.id), null);
	await carry(maker, host);
	return batch.id;
}

test("a batch's maker checks its file; the host does once the maker is away, until others know the lines", async () => {
	const id = await unchecked();
	const { sharing, standIn } = sharingOf(host);
	const { origin } = host.ledger.exchange;
	expect(sharing.isOwn(batchOn(host, id))).toBe(false);
	standIn.set([origin, maker.ledger.exchange.origin].sort());
	expect(sharing.isOwn(batchOn(host, id))).toBe(false);
	standIn.set([origin]);
	expect(sharing.isOwn(batchOn(host, id))).toBe(true);
	await sharing.beginCheck(batchOn(host, id));
	expect(host.ledger.missingInput(id, null)).toEqual([]);
	standIn.set(null);
	expect(sharing.isOwn(batchOn(host, id))).toBe(false);

	const told = await makeBatch(maker.ledger, 2);
	await maker.ledger.shareIndex(told);
	await carry(maker, host);
	standIn.set([origin]);
	expect(sharing.isOwn(batchOn(host, told))).toBe(false);
});

test("an input that nobody has is put off, so that other batches have their turn", async () => {
	const id = await unchecked();
	const { sharing, standIn, isInputThere } = sharingOf(host);
	standIn.set([host.ledger.exchange.origin]);
	isInputThere.value = false;
	await expect(sharing.beginCheck(batchOn(host, id))).rejects.toThrow("No other machine could give it.");
	expect(sharing.isOwn(batchOn(host, id))).toBe(false);
	host.clock.advance(5 * 60_000);
	expect(sharing.isOwn(batchOn(host, id))).toBe(true);
});

test("a file of a machine that is away is refused for what is in it, and not for what is lacking here", async () => {
	const id = await unchecked();
	const { sharing, standIn } = sharingOf(host);
	standIn.set([host.ledger.exchange.origin]);
	const fault = (code: string) => ({ code, message: "So it is.", param: null, line: null });
	expect(sharing.mayRefuse(batchOn(host, id), [fault("model_not_found"), fault("invalid_json_line")])).toBe(true);
	expect(sharing.isOwn(batchOn(host, id))).toBe(true);
	expect(sharing.mayRefuse(batchOn(host, id), [fault("model_not_found")])).toBe(false);
	expect(sharing.isOwn(batchOn(host, id))).toBe(false);
	const own = sharingOf(maker).sharing;
	expect(own.mayRefuse(batchOn(maker, id), [fault("model_not_found")])).toBe(true);
});

test("batches of a machine that is away, of which nobody was told, are cancelled and expire all the same", async () => {
	const [cancelled, expired] = [await unchecked(), await unchecked()];
	const validated = await makeBatch(maker.ledger, 2);
	const rehearsal = await makeBatch(maker.ledger, 2, { manifest: { rehearsal: { lines: 1, spread: false } } });
	await carry(maker, host);
	await host.ledger.cancel(cancelled);
	const { sharing, standIn, isInputThere } = sharingOf(host);
	const dueOf = (id: string, atMs: number) => sharing.endDue(batchOn(host, id), atMs);
	const endsMs = Math.max(...[expired, validated, rehearsal].map((id) => batchOn(host, id).expiresAtMs));
	expect(dueOf(cancelled, 0)).toBeNull();
	expect(dueOf(expired, endsMs)).toBeNull();
	standIn.set([host.ledger.exchange.origin]);
	expect(dueOf(cancelled, 0)).toBe("cancelled");
	for (const id of [expired, validated, rehearsal]) {
		expect(dueOf(id, 0)).toBeNull();
		expect(dueOf(id, endsMs)).toBe("expired");
	}
	expect(sharing.isOwn(batchOn(host, rehearsal))).toBe(false);

	isInputThere.value = false;
	await sharing.bringInput(validated);
	const seal = { output: null, errors: null, extension: "jsonl" };
	await sharing.seal(cancelled, { status: "cancelled", ...seal });
	await sharing.seal(expired, { status: "expired", ...seal });
	await sharing.seal(validated, { status: "expired", ...seal });
	expect([cancelled, expired, validated].map((id) => batchOn(host, id).status)).toEqual([
		"cancelled",
		"expired",
		"expired",
	]);
	// The maker comes back and has gone on with one of them meanwhile.
	const output = await storeText(maker.ledger, "done\n");
	await maker.ledger.seal(validated, { status: "completed", ...seal, output });
	await carry(host, maker);
	await carry(maker, host);
	for (const id of [cancelled, expired, validated]) {
		expect(batchOn(maker, id)).toEqual({ ...batchOn(host, id), origin: batchOn(maker, id).origin });
	}
});
