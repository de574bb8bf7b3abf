/**
 * How our windows get into the page. They share one cookie, which lives as long as the program: it is kept in memory only. A code is
 * asked for when the service does not know the cookie, so that sessions of other browsers are not crowded out.
 */
import type { Answer, ServiceLink } from "../service/link.ts";

/** What asks as a page of ours would, with its cookies; Electron's `Session` is one. */
export interface CookieFetch {
	fetch(address: string, init: { readonly signal: AbortSignal }): Promise<{ readonly status: number }>;
}

/** What signing in needs. */
export interface SignInDeps {
	readonly service: Pick<ServiceLink, "state">;
	readonly session: CookieFetch;
	/** Address with a new code, e.g. `http://127.0.0.1:22007/#code=…`. */
	readonly codeAddress: () => Promise<Answer<string>>;
}

/** A service that is up answers this in milliseconds; one that does not is asked for a code, and says why it can't. */
const ASK_LIMIT_MS = 2_000;
/** Open to whoever is signed in, and to nobody else. */
const PROOF_PATH = "/api/status";

/** Makes what answers the address to load: the bare one where the windows are signed in, else one with a code. */
export function createPageAddress({ service, session, codeAddress }: SignInDeps): () => Promise<Answer<string>> {
	return async () => {
		const phase = service.state.service;
		if (phase.kind === "up" && (await isSignedIn(phase.url, session))) {
			return { ok: true, value: new URL("/", phase.url).href };
		}
		return codeAddress();
	};
}

async function isSignedIn(url: string, session: CookieFetch): Promise<boolean> {
	try {
		const { status } = await session.fetch(new URL(PROOF_PATH, url).href, {
			signal: AbortSignal.timeout(ASK_LIMIT_MS),
		});
		return status === 200;
	} catch {
		// Who can't be asked lets nobody in; the next question says what is the matter.
		return false;
	}
}
