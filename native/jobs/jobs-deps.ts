import type { Clock, Log } from "../base/base.ts";
import type { Residency } from "../engine/residency.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { PowerMeter } from "../machine/machine.ts";
import type { Models } from "../models/models.ts";
import type { NightBudget } from "./order/night.ts";
import type { Sharing } from "./sharing.ts";
import type { WorkPermit } from "./work-permit.ts";

/** What `createJobs` needs. */
export interface JobsDeps {
	readonly ledger: Ledger;
	readonly residency: Residency;
	readonly models: Models;
	readonly power: PowerMeter;
	/** From the settings; asked each time it counts. */
	readonly nightBudget: () => NightBudget;
	/** Whether lines may run now; asked again and again. */
	readonly permit: () => WorkPermit;
	readonly sharing: Sharing;
	readonly clock: Clock;
	readonly log: Log;
	/** Name of this machine, for provenance; others may change it by joining. */
	readonly machine: () => string;
}
