import { expect, test } from "vitest";
import { silentLog } from "../../base/base.ts";
import type { ToNode } from "../node/messages.ts";
import { createEndings } from "./endings.ts";

function open() {
	const posted: ToNode[] = [];
	let dues = 0;
	const endings = createEndings({
		ledger: { propose: async () => null, publish: async () => Promise.reject(new Error("Nothing is published here.")) },
		log: silentLog,
		post: (message) => posted.push(message),
		onDue: () => {
			dues += 1;
		},
	});
	return { endings, posted, dues: () => dues };
}

const build = { kind: "build-output", batchId: "b", round: 0 } as const;

test("a batch whose lines are all done is due once the ledger here has every result, not when the core has heard of them", () => {
	const { endings, dues } = open();
	const batch = { id: "b", total: 10, completed: 8, failed: 1 };
	expect(endings.dueOf({ ...batch, failed: 2 })).toBeNull();
	endings.perform({ ...build, outcome: "completed" });
	expect(dues()).toBe(1);
	expect(endings.dueOf(batch)).toBeNull();
	expect(endings.dueOf({ ...batch, failed: 2 })).toBe("completed");
});

test("a batch that ends with what it has is due at once", () => {
	const { endings } = open();
	for (const outcome of ["cancelled", "expired", "failed"] as const) {
		endings.perform({ ...build, outcome });
		expect(endings.dueOf({ id: "b", total: 10, completed: 3, failed: 0 })).toBe(outcome);
	}
});

test("files that could not be built are told, and the batch is due no more until it is asked for again", () => {
	const { endings, posted } = open();
	endings.perform({ ...build, outcome: "completed" });
	endings.failed("b");
	expect(posted).toEqual([{ kind: "duty-failed", batchId: "b" }]);
	expect(endings.dueOf({ id: "b", total: 1, completed: 1, failed: 0 })).toBeNull();
});
