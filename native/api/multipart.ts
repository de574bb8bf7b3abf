/**
 * Reads a form with one file in it (multipart/form-data). The file streams to the disk whatever order the parts come in; its
 * storing is held open until the whole form is known to be good, so a form that is refused leaves nothing behind.
 */
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";
import { assertNever, err, ok, type Result } from "../base/base.ts";
import type { StoredBytes, StoreFailure } from "../ledger/ledger.ts";
import { announcedBytes, BodyBroken, bodyChunks } from "./body.ts";
import { type ApiFault, badRequest, diskFull } from "./errors.ts";
import { type ApiLimits, describeBytes } from "./limits.ts";

/** Fields of a form by name; each came once. */
export type FormFields = ReadonlyMap<string, string>;

/** What a form must be. */
export interface FormSpec<T> {
	/** Name of the part that is the file. */
	readonly fileField: string;
	readonly fileLimitBytes: number;
	/** Checks the fields, once all of them are there. */
	check(fields: FormFields): Result<T, ApiFault>;
	/** Takes the file's bytes. The iterable throws if the form turns out bad; nothing may then be left behind. */
	store(bytes: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Result<StoredBytes, StoreFailure>>;
}

/** A form that was as it must be. */
export interface ReadForm<T> {
	readonly fields: T;
	/** Without folders; empty where the client gave none. */
	readonly filename: string;
	readonly stored: StoredBytes;
}

/** Tells that the file is too large. */
export function fileTooLarge(limitBytes: number, param: string): ApiFault {
	return {
		status: 413,
		message: `The file is larger than ${describeBytes(limitBytes)}, the most that can be taken. Split it.`,
		param,
		code: "file_too_large",
	};
}

/** Reads the form in a request. Every way in which it can be wrong is a fault; exceptions are bugs. */
export async function readForm<T>(
	request: Request,
	spec: FormSpec<T>,
	limits: ApiLimits,
): Promise<Result<ReadForm<T>, ApiFault>> {
	const contentType = request.headers.get("content-type") ?? "";
	if (!/^multipart\/form-data\b.*;\s*boundary=/i.test(contentType)) return err(notAForm(contentType, spec.fileField));
	if ((announcedBytes(request) ?? 0) > spec.fileLimitBytes + limits.formOverheadBytes) {
		return err(fileTooLarge(spec.fileLimitBytes, spec.fileField));
	}
	const reading = createReading(spec, contentType, limits);
	return reading.ok ? reading.value.read(request, limits.bodyIdleMs) : reading;
}

function createReading<T>(spec: FormSpec<T>, contentType: string, limits: ApiLimits): Result<FormReading<T>, ApiFault> {
	try {
		return ok(new FormReading(spec, contentType, limits));
	} catch (error) {
		// The parser's way of saying that the header's boundary is not one.
		if (error instanceof Error && /boundary|content-type/i.test(error.message)) {
			return err(notAForm(contentType, spec.fileField));
		}
		throw error;
	}
}

function notAForm(contentType: string, fileField: string): ApiFault {
	const got = contentType === "" ? "there is no Content-Type" : `Content-Type is '${contentType.slice(0, 100)}'`;
	return badRequest(
		`Send a form (multipart/form-data with a boundary) that has the file in its part '${fileField}'; ${got}.`,
		fileField,
		"invalid_form",
	);
}

interface StoringFile {
	readonly filename: string;
	/** Null: given up because the form was refused. */
	readonly outcome: Promise<Result<StoredBytes, StoreFailure> | null>;
}

/** Makes the storing of a file fail, because the form around it is bad. */
class FormRefused extends Error {}

/** One form while it is read. */
class FormReading<T> {
	readonly #spec: FormSpec<T>;
	readonly #parser: BusboyInstance;
	readonly #fields = new Map<string, string>();
	readonly #stop = new AbortController();
	/** Settles once it is known whether the whole form is good. */
	readonly #verdict = Promise.withResolvers<boolean>();
	#fault: ApiFault | null = null;
	#file: StoringFile | null = null;

	constructor(spec: FormSpec<T>, contentType: string, limits: ApiLimits) {
		this.#spec = spec;
		this.#parser = new Busboy({
			headers: { "content-type": contentType },
			// A part of the file's name is the file, even when the client gave it no file name.
			isPartAFile: (name, _type, filename) => name === spec.fileField || filename !== undefined,
			limits: { fieldSize: limits.fieldBytes, parts: limits.formParts, headerSize: limits.partHeaderBytes },
		});
		this.#parser.on("field", (name, value, _nameCut, valueCut) => this.#takeField(name, value, valueCut));
		this.#parser.on("file", (name, stream, filename) => this.#takeFile(name, stream, filename));
		this.#parser.on("partsLimit", () => {
			this.#refuse(badRequest(`The form has more than ${limits.formParts} parts.`, null, "invalid_form"));
		});
	}

	async read(request: Request, idleMs: number): Promise<Result<ReadForm<T>, ApiFault>> {
		try {
			await pipeline(bodyChunks(request, idleMs, this.#stop.signal), this.#parser, { signal: this.#stop.signal });
		} catch (error) {
			this.#refuse(error instanceof BodyBroken ? error.fault : malformed(error));
		}
		const verdict = this.#judge();
		this.#verdict.resolve(verdict.ok);
		// Also when the form is bad: the answer goes out once what was stored of it is gone.
		const stored = await this.#file?.outcome;
		if (!verdict.ok) return verdict;
		if (this.#file === null || stored === undefined || stored === null) throw new Error("A good form has a file");
		if (!stored.ok) return err(describeStoreFailure(stored.error, this.#spec.fileField));
		return ok({ fields: verdict.value, filename: this.#file.filename, stored: stored.value });
	}

	#judge(): Result<T, ApiFault> {
		if (this.#fault !== null) return err(this.#fault);
		if (this.#file === null) {
			const field = this.#spec.fileField;
			return err(badRequest(`The form has no part '${field}'. Add the file under that name.`, field, "missing_file"));
		}
		return this.#spec.check(this.#fields);
	}

	/** Remembers the first fault and stops reading. */
	#refuse(fault: ApiFault): void {
		this.#fault ??= fault;
		this.#stop.abort();
	}

	#takeField(name: string, value: string, isCut: boolean): void {
		if (isCut) this.#refuse(badRequest(`The field '${name}' is too long.`, name, "invalid_form"));
		else if (this.#fields.has(name)) {
			this.#refuse(badRequest(`The form has the field '${name}' twice.`, name, "invalid_form"));
		} else this.#fields.set(name, value);
	}

	#takeFile(name: string, stream: BusboyFileStream, filename: string | undefined): void {
		const field = this.#spec.fileField;
		// Reading reports the error too; a stream that nobody reads any more must not crash the process with it.
		stream.on("error", () => undefined);
		if (name !== field) {
			this.#refuse(
				badRequest(`The form has a file in its part '${name}'; send it as '${field}'.`, name, "invalid_form"),
			);
			return;
		}
		if (this.#file !== null) {
			this.#refuse(badRequest("The form has more than one file; send one a request.", name, "invalid_form"));
			return;
		}
		this.#file = { filename: filename ?? "", outcome: this.#storeFile(stream) };
	}

	async #storeFile(stream: Readable): Promise<Result<StoredBytes, StoreFailure> | null> {
		try {
			const result = await this.#spec.store(this.#heldOpen(stream), this.#spec.fileLimitBytes);
			// Nobody takes the file's bytes any more, and the parser would wait for that for ever.
			if (!result.ok) this.#refuse(describeStoreFailure(result.error, this.#spec.fileField));
			return result;
		} catch (error) {
			this.#stop.abort();
			if (error instanceof FormRefused) return null;
			throw error;
		}
	}

	/** The file's bytes; their end comes only after the whole form proved good. */
	async *#heldOpen(stream: Readable): AsyncGenerator<Uint8Array> {
		const { signal } = this.#stop;
		const abandon = () => stream.destroy(new FormRefused());
		if (signal.aborted) abandon();
		else signal.addEventListener("abort", abandon, { once: true });
		try {
			for await (const chunk of stream) yield chunk;
		} catch {
			// A form that ends early breaks its file with the parser's error; the verdict says what to answer.
			throw new FormRefused();
		}
		if (!(await this.#verdict.promise)) throw new FormRefused();
	}
}

function describeStoreFailure(failure: StoreFailure, param: string): ApiFault {
	switch (failure.kind) {
		case "disk-full":
			return diskFull;
		case "too-large":
			return fileTooLarge(failure.limitBytes, param);
		default:
			return assertNever(failure);
	}
}

function malformed(error: unknown): ApiFault {
	const reason = error instanceof Error ? error.message : String(error);
	const isCut = /unexpected end/i.test(reason);
	const message = isCut
		? "The form ends before its closing boundary: the upload was cut short. Send it again."
		: `The form can't be read: ${reason}.`;
	return badRequest(message, null, isCut ? "body_incomplete" : "invalid_form");
}
