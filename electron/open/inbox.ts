/**
 * Where the wishes of all three sources come together: our own arguments, a second start of the program, macOS' open events. Listens from
 * the first moment on, for macOS opens files before Electron is ready, and keeps what comes until somebody takes it.
 */
import type { App } from "electron";
import { z } from "zod";
import type { Preventable } from "../base/base.ts";
import { isLink, LINK_SCHEME } from "./links.ts";
import { givenArguments, noRequests, type OpenRequests, openRequests } from "./requests.ts";

/** What it needs of Electron's app. */
export interface OpenAppPort extends Pick<App, "setAsDefaultProtocolClient" | "isPackaged"> {
	on(event: "open-file" | "open-url", listener: (event: Preventable, what: string) => void): unknown;
	on(
		event: "second-instance",
		listener: (event: unknown, argv: string[], workingDirectory: string, additionalData: unknown) => void,
	): unknown;
}

/** What a second start hands to the first, by `requestSingleInstanceLock`: Chromium changes the order of the arguments it passes on. */
const secondStartSchema = z.object({ argv: z.array(z.string()).max(10_000), cwd: z.string() });
/** What a second start hands to the first. */
export type SecondStart = z.infer<typeof secondStartSchema>;

/** Wishes of the time before anybody takes them: macOS tells of each file by itself. */
const MOST_KEPT = 200;

/** Who asks: our own first start, a later one, or the system and the shell's own menus and windows. */
export type OpenSource = "start" | "second-start" | "system";

/** What came in. */
export interface Inbox {
	/** Takes files that were chosen or dropped in the shell itself; absolute paths. */
	files(paths: readonly string[]): void;
	/** Hands over what has come, and from then on what comes. A second start without files asks for nothing but the window. */
	deliver(take: (requests: OpenRequests, from: OpenSource) => void): void;
}

/** Begins to listen; has to be called before the first `await` of the program. */
export function createInbox(app: OpenAppPort, { argv, cwd }: SecondStart): Inbox {
	const kept: { requests: OpenRequests; from: OpenSource }[] = [];
	let taker: ((requests: OpenRequests, from: OpenSource) => void) | null = null;

	function come(requests: OpenRequests, from: OpenSource): void {
		if (taker !== null) taker(requests, from);
		else if (kept.length < MOST_KEPT) kept.push({ requests, from });
	}

	app.on("open-file", (event, path) => {
		event.preventDefault();
		come(openRequests({ argv: ["--", path], cwd }), "system");
	});
	app.on("open-url", (event, url) => {
		event.preventDefault();
		// A system sends links of our scheme only; a path would be taken for a file otherwise.
		if (isLink(url)) come(openRequests({ argv: [url], cwd }), "system");
	});
	app.on("second-instance", (_event, _argv, _workingDirectory, additionalData) => {
		const start = secondStartSchema.safeParse(additionalData);
		come(start.success ? openRequests(startOf(start.data, app.isPackaged)) : noRequests, "second-start");
	});
	come(openRequests(startOf({ argv, cwd }, app.isPackaged)), "start");
	return {
		files: (paths) => come(openRequests({ argv: ["--", ...paths], cwd }), "system"),
		deliver(take) {
			taker = take;
			for (const { requests, from } of kept.splice(0)) take(requests, from);
		},
	};
}

function startOf({ argv, cwd }: SecondStart, isPackaged: boolean): SecondStart {
	return { argv: [...givenArguments(argv, isPackaged)], cwd };
}

/** Has the system send our links to us. Not in development, where it would register Electron itself. */
export function registerLinks(app: OpenAppPort): void {
	if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
}
