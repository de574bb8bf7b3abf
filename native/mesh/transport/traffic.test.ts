import { createHash } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { forgetMachines } from "../identity/testing.ts";
import { befriend, openNode, tagged, tagsOf } from "./testing.ts";

beforeEach(forgetMachines);

test("what one machine counts as sent the other counts as received, and blobs are counted apart", async () => {
	await using here = await openNode();
	await using there = await openNode();
	await befriend(here, there);
	here.knows(there);
	await expect.poll(() => [here.linked(), there.linked()]).toEqual([[there.deviceId], [here.deviceId]]);
	const before = here.transport.traffic().sent;
	const frames = ["lease-a", "lease-b", "lease-c"].map((tag) => tagged(tag));
	for (const frame of frames) here.transport.send(there.deviceId, frame);
	await expect.poll(() => tagsOf(there.heard)).toHaveLength(frames.length);
	const sent = here.transport.traffic().sent;
	expect(sent.frames - before.frames).toBe(frames.length);
	expect(sent.bytes - before.bytes).toBe(
		frames.reduce((sum, frame) => sum + Buffer.byteLength(JSON.stringify(frame)), 0),
	);
	expect(there.transport.traffic().received).toEqual(sent);

	const bytes = Buffer.alloc(300_000, "blob");
	const digest = createHash("sha256").update(bytes).digest("hex");
	here.blobs.set(digest, bytes);
	const fetched = await there.transport.fetchBlob({ digest, sizeBytes: bytes.length, from: [here.deviceId] });
	expect(fetched.ok).toBe(true);
	expect(here.transport.traffic().blobs).toEqual({ sentBytes: bytes.length, receivedBytes: 0 });
	expect(there.transport.traffic().blobs).toEqual({ sentBytes: 0, receivedBytes: bytes.length });
	expect(there.transport.traffic().received).toEqual(here.transport.traffic().sent);
});
