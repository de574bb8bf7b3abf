/** A power monitor whose user, battery and heat a test sets. Says what it is asked as the real one of a system would. */
import { EventEmitter } from "node:events";
import type { PowerMonitorPort } from "../power/ports.ts";

/** What a test sets. */
export interface FakeDesk {
	idleSeconds: number;
	lock: "open" | "locked" | "unknown";
	isOnBattery: boolean;
	heat: "unknown" | "nominal" | "fair" | "serious" | "critical";
}

/** The fake; `emit` plays what the system tells. */
export class FakePowerMonitor extends EventEmitter implements PowerMonitorPort {
	readonly desk: FakeDesk = { idleSeconds: 0, lock: "open", isOnBattery: false, heat: "nominal" };

	getSystemIdleTime(): number {
		return this.desk.idleSeconds;
	}

	getSystemIdleState(idleThreshold: number): "active" | "idle" | "locked" | "unknown" {
		const { lock, idleSeconds } = this.desk;
		if (lock === "locked") return "locked";
		if (lock === "unknown") return "unknown";
		return idleSeconds >= idleThreshold ? "idle" : "active";
	}

	isOnBatteryPower(): boolean {
		return this.desk.isOnBattery;
	}

	getCurrentThermalState(): FakeDesk["heat"] {
		return this.desk.heat;
	}

	/** The user locks the screen. */
	lock(): void {
		this.desk.lock = "locked";
		this.emit("lock-screen");
	}

	/** The system goes down; answers whether somebody asked it to wait. */
	shutDown(): boolean {
		let isHeld = false;
		this.emit("shutdown", {
			preventDefault() {
				isHeld = true;
			},
		});
		return isHeld;
	}
}
