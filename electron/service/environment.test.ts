import { join, sep } from "node:path";
import { expect, test } from "vitest";
import { serviceEnvironment } from "./environment.ts";

test("what changes the runtime is dropped, whatever its case, and all else is kept", () => {
	const environment = {
		NODE_OPTIONS: "--inspect",
		node_options: "--inspect",
		LD_PRELOAD: "a.so",
		DEBUG: "*",
		PATH: "/bin",
	};
	expect(serviceEnvironment(environment, "/")).toEqual({ PATH: "/bin" });
	const kept = { NODE_EXTRA_CA_CERTS: "/ca.pem", HTTPS_PROXY: "http://proxy", XDG_DATA_HOME: "/data" };
	expect(serviceEnvironment(kept, "/")).toEqual(kept);
});

test("a data folder named relative to the shell's folder stays the same folder", () => {
	const workingDir = join(sep, "somewhere");
	const { NIGHTSHIFT_HOME } = serviceEnvironment({ NIGHTSHIFT_HOME: "data" }, workingDir);
	expect(NIGHTSHIFT_HOME).toBe(join(workingDir, "data"));
	expect(serviceEnvironment({ NIGHTSHIFT_HOME: "" }, workingDir)).toEqual({ NIGHTSHIFT_HOME: "" });
});
