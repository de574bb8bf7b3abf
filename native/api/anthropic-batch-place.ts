/**
 * Knows where in the body of a message batch its parser stands, by its tokens: which part is the list of requests, what lies
 * between two of them, how deep it goes. The parser's values tell nothing of that.
 */
import { TokenType } from "@streamparser/json";
import { BodyBroken } from "./body.ts";
import { badRequest } from "./errors.ts";

/** Deepest nesting of a body: twice what a request may have, far below what overflows the stack where it is written out. */
const MOST_DEPTH = 512;

/** A token, of which the parser's own type says a little less. */
export interface Token {
	readonly token: TokenType;
	readonly value: unknown;
	readonly offset: number;
}

/** Follows the parser's tokens for what its values don't tell: the form of the body around the requests. */
export interface Place {
	take(token: Token): void;
	/** Of the last token, 0-based. */
	readonly offset: number;
	/** Of the last token that was not inside a request: from there on things are held. */
	readonly safeOffset: number;
	/** The list of requests has come. */
	readonly hasList: boolean;
}

/** Depth of the body's own keys, and of what lies between two requests. */
const BODY_DEPTH = 1;
const LIST_DEPTH = 2;

/** Makes one for a body. Its `take` throws `BodyBroken` where the body is not as it must be. */
export function createPlace(): Place {
	let depth = 0;
	let offset = 0;
	let safeOffset = 0;
	let text: unknown = null;
	let isListDue = false;
	let hasList = false;

	function checkList(token: TokenType): void {
		if (token !== TokenType.LEFT_BRACKET) throw wrong("requests", "Input should be a valid list");
		if (hasList) throw wrong("requests", "The body has this key twice; put all requests into one list");
		hasList = true;
	}

	return {
		take({ token, value, offset: at }) {
			offset = at;
			if (depth === 0 && token !== TokenType.LEFT_BRACE) throw broken("The body has to be a JSON object.");
			if (isListDue) checkList(token);
			isListDue = depth === BODY_DEPTH && token === TokenType.COLON && text === "requests";
			if (depth === BODY_DEPTH && token === TokenType.STRING) text = value;
			// It would be written out as null, which means something else.
			if (token === TokenType.NUMBER && !Number.isFinite(value)) {
				throw broken(`The number at byte ${at + 1} of the body is larger than any that can be kept.`);
			}
			if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) depth += 1;
			if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) depth -= 1;
			if (depth > MOST_DEPTH) {
				throw broken(`The body is nested more than ${MOST_DEPTH} levels deep at byte ${at + 1}. Make it flatter.`);
			}
			if (depth <= LIST_DEPTH) safeOffset = at;
		},
		get offset() {
			return offset;
		},
		get safeOffset() {
			return safeOffset;
		},
		get hasList() {
			return hasList;
		},
	};
}

/** Says what is wrong with one field, e.g. `requests.0.custom_id`. */
export function wrong(param: string, message: string): BodyBroken {
	return new BodyBroken(badRequest(`${param}: ${message}.`, param, "invalid_value"));
}

/** Says what is wrong with the body as a whole. */
export function broken(message: string): BodyBroken {
	return new BodyBroken(badRequest(message, null, "invalid_json"));
}
