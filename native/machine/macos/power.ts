/** Mains or battery, and how hot macOS says it is. */
import { err, ok, type Result } from "../../base/base.ts";
import type { Heat } from "../../contract/contract.ts";
import type { NativeFunction } from "../library.ts";
import { bind, createNativeSource, type Need } from "../native-source.ts";
import type { Sight, Source, SourceFault } from "../source.ts";
import { type CoreFoundation, needCoreFoundation, pointerOf } from "./core-foundation.ts";
import type { MacosLibraries } from "./libraries.ts";

interface Functions {
	readonly copyInfo: NativeFunction;
	readonly copyList: NativeFunction;
	readonly getDescription: NativeFunction;
	readonly getProvidingType: NativeFunction;
	readonly registerCheck: NativeFunction;
	readonly getState: NativeFunction;
	readonly cancel: NativeFunction;
	readonly objects: CoreFoundation;
}

/** Makes the source. */
export function createMacosPowerSource(libraries: MacosLibraries): Source {
	let token: number | null = null;
	return createNativeSource({
		name: "macOS power",
		tells: "mains, battery and heat",
		open: () => bind((need) => take(need, libraries)),
		async look(functions): Promise<Result<Sight, SourceFault>> {
			token ??= registerHeat(functions.registerCheck);
			const info = pointerOf(await functions.copyInfo.call());
			if (info === null) return err({ kind: "failed", message: "IOPSCopyPowerSourcesInfo answers nothing" });
			const power = readPower(functions, info);
			functions.objects.release(info);
			return ok({ ...power, heat: token === null ? null : readHeat(functions.getState, token) });
		},
		async close(functions) {
			if (token !== null) functions.cancel.callHere(token);
			token = null;
		},
	});
}

/**
 * From IOPowerSources.h of IOKit and notify.h:
 *
 *     CFTypeRef IOPSCopyPowerSourcesInfo(void);
 *     CFArrayRef IOPSCopyPowerSourcesList(CFTypeRef blob);
 *     CFDictionaryRef IOPSGetPowerSourceDescription(CFTypeRef blob, CFTypeRef ps);
 *     CFStringRef IOPSGetProvidingPowerSourceType(CFTypeRef snapshot);
 *     uint32_t notify_register_check(const char *name, int *out_token);
 *     uint32_t notify_get_state(int token, uint64_t *state64);
 *     uint32_t notify_cancel(int token);
 */
async function take(need: Need, libraries: MacosLibraries): Promise<Functions> {
	const { ioKit, system } = libraries;
	return {
		copyInfo: await need(ioKit, "void *IOPSCopyPowerSourcesInfo(void)"),
		copyList: await need(ioKit, "void *IOPSCopyPowerSourcesList(void *blob)"),
		getDescription: await need(ioKit, "void *IOPSGetPowerSourceDescription(void *blob, void *ps)"),
		getProvidingType: await need(ioKit, "void *IOPSGetProvidingPowerSourceType(void *snapshot)"),
		registerCheck: await need(system, "uint32_t notify_register_check(const char *name, void *out_token)"),
		getState: await need(system, "uint32_t notify_get_state(int token, void *state64)"),
		cancel: await need(system, "uint32_t notify_cancel(int token)"),
		objects: await needCoreFoundation(need, libraries),
	};
}

function readPower(functions: Functions, info: bigint): Pick<Sight, "supply" | "batteryFraction"> {
	const { objects } = functions;
	const providing = objects.text(pointerOf(functions.getProvidingType.callHere(info)));
	const list = pointerOf(functions.copyList.callHere(info));
	let batteryFraction: number | null = null;
	for (const source of objects.items(list)) {
		const description = pointerOf(functions.getDescription.callHere(info, source));
		if (objects.text(objects.value(description, "Type")) !== "InternalBattery") continue;
		const now = objects.number(objects.value(description, "Current Capacity"));
		const full = objects.number(objects.value(description, "Max Capacity"));
		if (now !== null && full !== null && full > 0) batteryFraction = Math.min(1, Math.max(0, now / full));
	}
	objects.release(list);
	return { supply: supplyOf(providing), batteryFraction };
}

/** `kIOPMACPowerKey`, `kIOPMBatteryPowerKey`, `kIOPMUPSPowerKey` of IOPowerSources.h; what a UPS has lasts no night. */
function supplyOf(providing: string | null): "mains" | "battery" | null {
	switch (providing) {
		case "AC Power":
			return "mains";
		case "Battery Power":
		case "UPS Power":
			return "battery";
		default:
			return null;
	}
}

/** `kOSThermalNotificationPressureLevelName` of OSThermalNotification.h. */
const THERMAL_PRESSURE = "com.apple.system.thermalpressurelevel";

function registerHeat(registerCheck: NativeFunction): number | null {
	const token = Buffer.alloc(4);
	return registerCheck.callHere(THERMAL_PRESSURE, token) === 0 ? token.readInt32LE() : null;
}

function readHeat(getState: NativeFunction, token: number): Heat | null {
	const state = Buffer.alloc(8);
	return getState.callHere(token, state) === 0 ? heatOf(state.readBigUInt64LE()) : null;
}

/** `OSThermalPressureLevel`: nominal, moderate, heavy, trapping, sleeping. */
function heatOf(level: bigint): Heat | null {
	switch (level) {
		case 0n:
			return "nominal";
		case 1n:
			return "fair";
		case 2n:
			return "serious";
		case 3n:
		case 4n:
			return "critical";
		default:
			return null;
	}
}
