/** What of Electron's power monitor this room needs; the real one fits as it is. */
import type { PowerMonitor } from "electron";
import type { Preventable } from "../base/base.ts";

/** Events after which the service is told at once. */
export const newsEvents = [
	"on-ac",
	"on-battery",
	"thermal-state-change",
	"speed-limit-change",
	"suspend",
	"resume",
] as const;

/** What it needs of Electron. By its documents `shutdown` brings an event, by its types none. */
export interface PowerMonitorPort
	extends Pick<
		PowerMonitor,
		"getSystemIdleTime" | "getSystemIdleState" | "isOnBatteryPower" | "getCurrentThermalState"
	> {
	on(event: (typeof newsEvents)[number] | "lock-screen" | "unlock-screen", listener: () => void): unknown;
	on(event: "shutdown", listener: (event?: Preventable) => void): unknown;
}
