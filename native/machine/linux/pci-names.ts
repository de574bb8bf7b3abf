/** Names of PCI devices, out of the list that most systems have (`pci.ids`, package `hwdata` or `pci.ids`). */
import { join } from "node:path";
import { readSoon } from "./kernel-files.ts";

const PLACES = ["usr/share/hwdata/pci.ids", "usr/share/misc/pci.ids", "usr/share/pci.ids"];

/** A device's name, e.g. `Radeon RX 7900 XT/7900 XTX`; null: no list is here, or it does not know it. Ids are four digits each. */
export async function namePciDevice(root: string, vendor: string, device: string): Promise<string | null> {
	for (const place of PLACES) {
		const list = await readSoon(join(root, place));
		const name = list === null ? null : findName(list, vendor, device);
		if (name !== null) return name;
	}
	return null;
}

/** A vendor's devices are the lines after its own that begin with one tab. */
function findName(list: string, vendor: string, device: string): string | null {
	const begin = list.indexOf(`\n${vendor}  `);
	if (begin === -1) return null;
	const next = /\n[0-9a-f]{4} {2}/.exec(list.slice(begin + 1));
	const section = next === null ? list.slice(begin) : list.slice(begin, begin + 1 + next.index);
	const found = new RegExp(`\\n\\t${device} {2}(.+)`).exec(section)?.[1];
	// `Navi 31 [Radeon RX 7900 XT/7900 XTX]`: what is sold stands in brackets.
	return found === undefined ? null : (/\[(.+)\]\s*$/.exec(found)?.[1] ?? found.trim());
}
