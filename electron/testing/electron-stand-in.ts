/**
 * What electron-updater asks of Electron itself, over Node: requests, a session and the app. Loaded in the place of `electron` by `real-updater.ts`;
 * everything else the package does in that process is its own.
 */
import { EventEmitter } from "node:events";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { FakeApp } from "./fake-app.ts";

/** The program that is updated. */
export const app = new FakeApp({
	version: "1.0.0",
	paths: { userData: process.env.XDG_CACHE_HOME ?? tmpdir() },
});
/** Chromium's requests; on a loopback server Node's do the same. */
export const net = { request };
/** A request without cookies and cache is what Node's is anyway. */
export const session = { fromPartition: () => ({}) };
/** Told before the program quits for an installation. */
export const autoUpdater = new EventEmitter();
