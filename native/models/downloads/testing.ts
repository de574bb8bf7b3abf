/** A Hub to download from, which can be made to break, lie and change its mind. Must never be imported by the product. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** Forty hex digits, as revisions have. */
export const REVISION = "a".repeat(40);

/** How the server behaves; all of it may change between requests. */
export interface HubManners {
	/** Ends each connection after so many bytes of a body. */
	breakAfterBytes: number | null;
	/** Sends whole files only. */
	ignoresRanges: boolean;
	/** What it calls the version of a file; null: the digest of its bytes. */
	etag: string | null;
	/** Says of bodies that they are so much longer than they are. */
	lieBytes: number;
	/** Answers every request for a file like this instead. */
	instead: { readonly status: number; readonly headers: Record<string, string>; readonly body: string } | null;
	/** Sends so many bytes and then nothing more; the connection stays. */
	stallAfterBytes: number | null;
	/** Answers the listing like this instead. */
	listing: { readonly status: number; readonly headers: Record<string, string>; readonly body: string } | null;
}

/** What was asked for. */
export interface AskedFor {
	readonly path: string;
	readonly range: string | null;
	readonly authorization: string | null;
}

/** A running Hub with one repository, `owner/model`. */
export interface TestHub extends AsyncDisposable {
	readonly url: string;
	readonly manners: HubManners;
	readonly asked: AskedFor[];
	/** Files by their path in the repository; may change. */
	readonly files: Map<string, Uint8Array>;
	/** Requests for files. */
	askedFiles(): readonly AskedFor[];
}

/** Starts one on a free port. */
export async function startHub(files: Readonly<Record<string, Uint8Array>>): Promise<TestHub> {
	const manners: HubManners = {
		breakAfterBytes: null,
		ignoresRanges: false,
		etag: null,
		lieBytes: 0,
		instead: null,
		stallAfterBytes: null,
		listing: null,
	};
	const held = new Map(Object.entries(files));
	const asked: AskedFor[] = [];
	const server = createServer((request, response) => {
		const path = decodeURIComponent((request.url ?? "").split("?")[0] ?? "");
		const { range = null, authorization = null } = request.headers;
		asked.push({ path, range, authorization });
		if (path.startsWith("/api/")) return answerApi(path, held, manners, response);
		answerFile(path, request, held, manners, response);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("The server has no port");
	return {
		url: `http://127.0.0.1:${address.port}`,
		manners,
		asked,
		files: held,
		askedFiles: () => asked.filter(({ path }) => !path.startsWith("/api/")),
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

/** Bytes that begin as a GGUF file does and never repeat. */
export function modelBytes(length: number, seed = 1): Uint8Array {
	const bytes = Buffer.alloc(length);
	let state = seed;
	for (let index = 0; index < length; index++) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		bytes[index] = state >>> 24;
	}
	bytes.write("GGUF");
	return bytes;
}

/** Hex. */
export function sha256(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}

function answerApi(
	path: string,
	files: ReadonlyMap<string, Uint8Array>,
	{ listing }: HubManners,
	response: ServerResponse,
): void {
	if (listing !== null) return void response.writeHead(listing.status, listing.headers).end(listing.body);
	if (path === "/api/models/owner/model/revision/main") return void response.end(JSON.stringify({ sha: REVISION }));
	if (path !== `/api/models/owner/model/tree/${REVISION}`) {
		return void response.writeHead(404, { "x-error-code": "RepoNotFound" }).end();
	}
	const entries = [...files].map(([name, bytes]) => ({
		type: "file",
		path: name,
		size: bytes.byteLength,
		oid: "0".repeat(40),
		lfs: { oid: sha256(bytes), size: bytes.byteLength, pointerSize: 130 },
	}));
	response.end(JSON.stringify([{ type: "directory", path: "folder", oid: "0".repeat(40), size: 0 }, ...entries]));
}

function answerFile(
	path: string,
	{ headers }: IncomingMessage,
	files: ReadonlyMap<string, Uint8Array>,
	manners: HubManners,
	response: ServerResponse,
): void {
	const { instead } = manners;
	if (instead !== null) return void response.writeHead(instead.status, instead.headers).end(instead.body);
	const bytes = files.get(path.replace(`/owner/model/resolve/${REVISION}/`, ""));
	if (bytes === undefined) return void response.writeHead(404).end();
	const etag = manners.etag ?? `"${sha256(bytes)}"`;
	const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
	const isSame = headers["if-range"] === undefined || headers["if-range"] === etag;
	const isPart = from > 0 && isSame && !manners.ignoresRanges;
	if (isPart && from >= bytes.byteLength) return void response.writeHead(416).end();
	const body = isPart ? bytes.subarray(from) : bytes;
	response.writeHead(isPart ? 206 : 200, {
		etag,
		"content-length": body.byteLength + manners.lieBytes,
		...(isPart ? { "content-range": `bytes ${from}-${bytes.byteLength - 1}/${bytes.byteLength}` } : {}),
	});
	const { breakAfterBytes, stallAfterBytes } = manners;
	const end = breakAfterBytes ?? stallAfterBytes;
	if (end === null || end >= body.byteLength) {
		response.write(body, () => (manners.lieBytes > 0 ? response.destroy() : response.end()));
	} else {
		response.write(body.subarray(0, end), () => (breakAfterBytes === null ? undefined : response.destroy()));
	}
}
