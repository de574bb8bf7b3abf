/** Success carrying a value. */
export interface Ok<T> {
	readonly ok: true;
	readonly value: T;
}

/** Expected failure carrying what went wrong as a typed value. */
export interface Err<E> {
	readonly ok: false;
	readonly error: E;
}

/** Outcome of something that may fail in ways its caller must handle. Exceptions are for bugs only. */
export type Result<T, E> = Ok<T> | Err<E>;

/** Wraps a value as a success. */
export function ok<T>(value: T): Ok<T> {
	return { ok: true, value };
}

/** Wraps a typed failure. */
export function err<E>(error: E): Err<E> {
	return { ok: false, error };
}
