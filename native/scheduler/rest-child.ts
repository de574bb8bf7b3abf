/**
 * The process that the test of `rest.ts` kills: says pause, resume, snooze, resume, over and over. Each word is told on standard
 * output by its number after it was acknowledged. Must never be imported by the product.
 */
import { writeSync } from "node:fs";
import { silentLog, systemClock } from "../base/base.ts";
import { settingsSchema } from "../contract/contract.ts";
import { createRest } from "./rest.ts";
import { wordOf } from "./rest-words.ts";

const [path = ""] = process.argv.slice(2);
const { night } = settingsSchema.parse({});
const rest = createRest({ path, clock: systemClock, log: silentLog, night: () => night });

for (let number = 0; ; number++) {
	const said = await rest.set(wordOf(number));
	if (!said.ok) throw new Error(said.error.message);
	writeSync(1, `${number}\n`);
}
