import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const program = fileURLToPath(new URL("../testing/real-updater.ts", import.meta.url));

let folder: string;
let server: Server;
let child: ChildProcess;
let heard: string[];
let ended: Promise<unknown>;
/** What the server has: its new version's bytes, and what it says of them. */
let bytes: Buffer;
let said: Buffer;
let asked: string[];

const oldFile = () => join(folder, "Nightshift-1.0.0.AppImage");
const newFile = () => join(folder, "Nightshift-1.1.0.AppImage");

/** As electron-builder writes it. */
function latestYml(): string {
	const sha512 = createHash("sha512").update(said).digest("base64");
	return [
		"version: 1.1.0",
		"files:",
		"  - url: Nightshift-1.1.0.AppImage",
		`    sha512: ${sha512}`,
		`    size: ${said.length}`,
		"path: Nightshift-1.1.0.AppImage",
		`sha512: ${sha512}`,
		"releaseDate: '2026-11-21T00:00:00.000Z'",
		"",
	].join("\n");
}

async function startServer(): Promise<string> {
	server = createServer((request, response) => {
		const path = new URL(request.url ?? "/", "http://localhost").pathname;
		asked.push(path);
		if (path.endsWith(".AppImage")) response.end(bytes);
		else if (/^\/latest-linux(?:-\w+)?\.yml$/.test(path)) response.end(latestYml());
		else response.writeHead(404).end();
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("It listens on no port.");
	const { port } = address;
	return `http://127.0.0.1:${port}/`;
}

async function startProgram(): Promise<void> {
	const cache = join(folder, "cache");
	mkdirSync(cache);
	const resources = join(folder, "resources");
	mkdirSync(resources);
	const feed = ["provider: generic", `url: ${await startServer()}`, "updaterCacheDirName: nightshift-updater", ""];
	writeFileSync(join(resources, "app-update.yml"), feed.join("\n"));
	const env = { ...process.env, APPIMAGE: oldFile(), TEST_RESOURCES: resources, XDG_CACHE_HOME: cache };
	child = fork(program, { env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
	child.on("message", (line) => heard.push(String(line)));
	ended = once(child, "exit");
	await expect.poll(() => heard).toContain("started");
}

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-updates-"));
	writeFileSync(oldFile(), "the old version");
	// The new version says in a file that it was started, and ends.
	bytes = Buffer.from(
		`#!/bin/sh\necho "$APPIMAGE_SILENT_INSTALL" > "${join(folder, "started")}"\n# ${"x".repeat(100_000)}\n`,
	);
	said = bytes;
	asked = [];
	heard = [];
});
afterEach(async () => {
	if (child.exitCode === null) child.kill("SIGKILL");
	await ended;
	server.close();
	rmSync(folder, { recursive: true, force: true });
});

test("a new version is found, downloaded, checked, and takes the old one's place when work is over", async () => {
	await startProgram();
	child.send("work");
	child.send("check");
	await expect.poll(() => heard.at(-1)).toBe("Version 1.1.0 is ready; it waits for the work at hand");
	// Who presses the button all the same is asked, and this user says not now.
	child.send("restart");
	child.send("arm");
	await expect.poll(() => heard.at(-1)).toBe("Version 1.1.0 is ready; restarts when the work is done");
	expect(readFileSync(oldFile(), "utf8")).toBe("the old version");
	child.send("rest");
	await expect.poll(() => heard.at(-1)).toBe("Version 1.1.0 is ready");
	child.send("restart");
	await ended;
	expect(heard).toEqual(expect.arrayContaining(["Installing version 1.1.0…", "service stopped"]));
	expect(child.exitCode).toBe(0);
	expect(existsSync(oldFile())).toBe(false);
	expect(readFileSync(newFile())).toEqual(bytes);
	await expect.poll(() => existsSync(join(folder, "started"))).toBe(true);
});

test("bytes that are not those the server promised are never installed", async () => {
	said = Buffer.from(bytes);
	bytes = Buffer.from(bytes);
	bytes.write("evil", 20);
	await startProgram();
	child.send("check");
	await expect.poll(() => heard.at(-1)).toMatch(/^The update failed: sha512 checksum mismatch/);
	child.send("restart");
	child.send("check");
	await expect.poll(() => heard.filter((line) => line.startsWith("The update failed")).length).toBe(2);
	expect(readFileSync(oldFile(), "utf8")).toBe("the old version");
	expect(readdirSync(folder).sort()).toEqual(["Nightshift-1.0.0.AppImage", "cache", "resources"]);
});

test("where the old version can't be replaced the program goes on, and its service is started again", async () => {
	await startProgram();
	child.send("check");
	await expect.poll(() => heard.at(-1)).toBe("Version 1.1.0 is ready");
	// Somebody moved the program while it ran.
	rmSync(oldFile());
	child.send("restart");
	await expect.poll(() => heard.at(-1)).toMatch(/^The update failed: ENOENT/);
	expect(heard).toContain("service started");
	expect(child.exitCode).toBeNull();
});
