/**
 * Every word the page says, English first; a second language is a second object of the same shape. Owns wording. Words that the service
 * writes (states, reasons, faults) come from there.
 */
import { chat } from "./chat.ts";
import { common } from "./common.ts";
import { drop } from "./drop.ts";
import { gpuPacks } from "./gpu-packs.ts";
import { jobs } from "./jobs.ts";
import { machines } from "./machines.ts";
import { mesh } from "./mesh.ts";
import { models } from "./models.ts";
import { morning } from "./morning.ts";
import { settings } from "./settings.ts";
import { welcome } from "./welcome.ts";

/** The words of each screen, and those all share. */
export const words = {
	common,
	drop,
	jobs,
	machines,
	mesh,
	gpuPacks,
	models,
	chat,
	morning,
	settings,
	welcome,
} as const;
