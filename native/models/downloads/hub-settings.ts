/** Where the Hub is and who we are to it, as the environment tells the tools of Hugging Face too. */
import type { Log } from "../../base/base.ts";
import type { DownloadsDeps } from "./downloads.ts";

/** Where the Hub is for those who chose nothing else. */
export const HUB_ADDRESS = "https://huggingface.co";

/** Reads HF_ENDPOINT, a mirror of the Hub, and HF_TOKEN. One that can't be an address is told and left aside. */
export function hubSettings(environment: NodeJS.ProcessEnv, log: Log): Pick<DownloadsDeps, "hubAddress" | "hubToken"> {
	const token = environment.HF_TOKEN?.trim() ?? "";
	// What has other characters can't stand in a header.
	const hubToken = /^[\x21-\x7e]+$/.test(token) ? token : null;
	const chosen = environment.HF_ENDPOINT?.trim() ?? "";
	if (chosen === "") return { hubAddress: HUB_ADDRESS, hubToken };
	if (URL.canParse(chosen) && /^https?:$/.test(new URL(chosen).protocol)) return { hubAddress: chosen, hubToken };
	log.warn({ chosen }, "HF_ENDPOINT is no address and is left aside");
	return { hubAddress: HUB_ADDRESS, hubToken };
}
