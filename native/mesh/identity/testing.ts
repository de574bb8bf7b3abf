/** Helpers for tests of machines that meet each other. Must never be imported by the product. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../base/base.ts";
import { type DeviceIdentity, openIdentity } from "./identity.ts";

const ready: DeviceIdentity[] = [];
let used = 0;

/** A machine that no other test file knows. Keys are made once per file and handed out in turn after `forgetMachines`. */
export async function testMachine(): Promise<DeviceIdentity> {
	const known = ready[used];
	used += 1;
	if (known !== undefined) return known;
	const folder = mkdtempSync(join(tmpdir(), "nightshift-identity-"));
	try {
		const made = await openIdentity({ path: join(folder, "identity.pem"), expectedId: null, log: silentLog });
		if (!made.ok) throw new Error(made.error.message);
		ready.push(made.value);
		return made.value;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** The next test may have the machines of the last one. */
export function forgetMachines(): void {
	used = 0;
}
