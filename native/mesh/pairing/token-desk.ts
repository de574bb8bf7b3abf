/** The join tokens that are out. */
import { type Clock, err, ok, type Result } from "../../base/base.ts";
import type { Refused } from "./messages.ts";
import type { Offer } from "./receive.ts";
import { makeTokenSecret, tokenIdOf } from "./tokens.ts";

/** Tokens that may be out at once: one for each machine of a mesh that is set up in one go. */
export const MOST_TOKENS = 32;

/** Tokens, each good for one machine. They do not outlive the service. */
export interface TokenDesk {
	/** Makes a token and gives its secret; null: too many are out. */
	make(lifetimeMs: number): Uint8Array | null;
	isOpen(): boolean;
	/** A token, for a stranger to show to have it; the refusal where it no longer counts. */
	offer(tokenId: string): Result<Offer, Refused["reason"]>;
	clear(): void;
}

interface Token {
	readonly secret: Uint8Array;
	/** Monotonic. */
	readonly expiresAtMs: number;
}

/** A desk with no tokens. */
export function createTokenDesk(clock: Clock): TokenDesk {
	const tokens = new Map<string, Token>();

	function present(): Map<string, Token> {
		for (const [id, { expiresAtMs }] of tokens) if (clock.monotonicMs() >= expiresAtMs) tokens.delete(id);
		return tokens;
	}

	return {
		make(lifetimeMs) {
			if (present().size >= MOST_TOKENS) return null;
			const secret = makeTokenSecret();
			tokens.set(tokenIdOf(secret), { secret, expiresAtMs: clock.monotonicMs() + lifetimeMs });
			return secret;
		},
		isOpen: () => present().size > 0,
		offer(tokenId) {
			const token = present().get(tokenId);
			if (token === undefined) return err("no-such-token");
			return ok({
				method: "token",
				secret: token.secret,
				judge(isRight) {
					if (present().get(tokenId) !== token) return "not-judged";
					// A wrong proof does not use a token up: nobody guesses 128 bits, and anybody could take it from its owner.
					if (!isRight()) return "wrong";
					tokens.delete(tokenId);
					return "right";
				},
			});
		},
		clear: () => tokens.clear(),
	};
}
