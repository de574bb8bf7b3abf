/** Core Foundation: the objects that macOS answers with. Who is given one by a "Create" or "Copy" must release it. */
import type { NativeResult } from "../library.ts";
import type { Need } from "../native-source.ts";
import type { MacosLibraries } from "./libraries.ts";

/** Reads objects. What is not of the kind asked for, or not there, is null. */
export interface CoreFoundation {
	text(object: bigint | null): string | null;
	number(object: bigint | null): number | null;
	/** Also of a number, where 0 is false: older systems keep truth so. */
	truth(object: bigint | null): boolean | null;
	/** The bytes of `CFData` up to the first NUL as text; old drivers keep names so. */
	dataText(object: bigint | null): string | null;
	/** A dictionary's value; it lives as long as the dictionary. */
	value(dictionary: bigint | null, key: string): bigint | null;
	/** An array's items; they live as long as the array. */
	items(array: bigint | null): readonly bigint[];
	/** Runs something with a string object. */
	withString<Value>(text: string, use: (object: bigint) => Value): Value | null;
	release(object: bigint | null): void;
}

/** `kCFStringEncodingUTF8` of CFString.h. */
const UTF_8 = 0x0800_0100;
/** `kCFNumberDoubleType` of CFNumber.h. */
const AS_DOUBLE = 13;
/** Names of screens, sources and GPUs are shorter by far. */
const LONGEST_TEXT_BYTES = 1_024;
/** More items than any list that is read here has; a list that long is a fault. */
const MOST_ITEMS = 1_024;

/**
 * Takes the functions. From CFBase.h, CFString.h, CFNumber.h, CFData.h, CFDictionary.h and CFArray.h of CoreFoundation:
 *
 *     CFTypeID CFGetTypeID(CFTypeRef cf);    CFTypeID CFStringGetTypeID(void);  and so on; an unsigned long
 *     CFStringRef CFStringCreateWithCString(CFAllocatorRef alloc, const char *cStr, CFStringEncoding encoding);
 *     Boolean CFStringGetCString(CFStringRef theString, char *buffer, CFIndex bufferSize, CFStringEncoding encoding);
 *     Boolean CFNumberGetValue(CFNumberRef number, CFNumberType theType, void *valuePtr);
 *     Boolean CFBooleanGetValue(CFBooleanRef boolean);
 *     CFIndex CFDataGetLength(CFDataRef theData);    const UInt8 *CFDataGetBytePtr(CFDataRef theData);
 *     const void *CFDictionaryGetValue(CFDictionaryRef theDict, const void *key);
 *     CFIndex CFArrayGetCount(CFArrayRef theArray);  const void *CFArrayGetValueAtIndex(CFArrayRef theArray, CFIndex idx);
 *     void CFRelease(CFTypeRef cf);
 *     void *memmove(void *dst, const void *src, size_t len);    (string.h)
 */
export async function needCoreFoundation(
	need: Need,
	{ coreFoundation, system }: MacosLibraries,
): Promise<CoreFoundation> {
	const take = (prototype: string) => need(coreFoundation, prototype);
	const typeOf = await take("uint64_t CFGetTypeID(void *cf)");
	const stringType = await take("uint64_t CFStringGetTypeID(void)");
	const numberType = await take("uint64_t CFNumberGetTypeID(void)");
	const booleanType = await take("uint64_t CFBooleanGetTypeID(void)");
	const dataType = await take("uint64_t CFDataGetTypeID(void)");
	const dictionaryType = await take("uint64_t CFDictionaryGetTypeID(void)");
	const arrayType = await take("uint64_t CFArrayGetTypeID(void)");
	const createString = await take("void *CFStringCreateWithCString(void *alloc, const char *cStr, uint32_t encoding)");
	const getText = await take(
		"uint8_t CFStringGetCString(void *theString, void *buffer, int64_t bufferSize, uint32_t encoding)",
	);
	const getNumber = await take("uint8_t CFNumberGetValue(void *number, int64_t theType, void *valuePtr)");
	const getBoolean = await take("uint8_t CFBooleanGetValue(void *boolean)");
	const dataLength = await take("int64_t CFDataGetLength(void *theData)");
	const dataBytes = await take("void *CFDataGetBytePtr(void *theData)");
	const getValue = await take("void *CFDictionaryGetValue(void *theDict, void *key)");
	const arrayCount = await take("int64_t CFArrayGetCount(void *theArray)");
	const arrayItem = await take("void *CFArrayGetValueAtIndex(void *theArray, int64_t idx)");
	const releaseObject = await take("void CFRelease(void *cf)");
	const move = await need(system, "void *memmove(void *dst, const void *src, size_t len)");

	const isOf = (object: bigint | null, type: typeof stringType): object is bigint =>
		object !== null && typeOf.callHere(object) === type.callHere();

	function text(object: bigint | null): string | null {
		if (!isOf(object, stringType)) return null;
		const bytes = Buffer.alloc(LONGEST_TEXT_BYTES);
		return getText.callHere(object, bytes, LONGEST_TEXT_BYTES, UTF_8) === 0 ? null : textOf(bytes);
	}

	function number(object: bigint | null): number | null {
		if (!isOf(object, numberType)) return null;
		const bytes = Buffer.alloc(8);
		// It answers false also where a large integer loses digits as a double; what is there is near enough.
		getNumber.callHere(object, AS_DOUBLE, bytes);
		return bytes.readDoubleLE();
	}

	function withString<Value>(characters: string, use: (object: bigint) => Value): Value | null {
		const object = pointerOf(createString.callHere(null, characters, UTF_8));
		if (object === null) return null;
		try {
			return use(object);
		} finally {
			releaseObject.callHere(object);
		}
	}

	return {
		text,
		number,
		withString,
		truth(object) {
			if (isOf(object, booleanType)) return getBoolean.callHere(object) !== 0;
			const value = number(object);
			return value === null ? null : value !== 0;
		},
		dataText(object) {
			if (!isOf(object, dataType)) return null;
			const bytes = Buffer.alloc(Math.min(LONGEST_TEXT_BYTES, Number(dataLength.callHere(object))));
			move.callHere(bytes, pointerOf(dataBytes.callHere(object)), bytes.length);
			return textOf(bytes);
		},
		value(dictionary, key) {
			if (!isOf(dictionary, dictionaryType)) return null;
			return withString(key, (name) => pointerOf(getValue.callHere(dictionary, name)));
		},
		items(array) {
			if (!isOf(array, arrayType)) return [];
			const items: bigint[] = [];
			const count = Math.min(MOST_ITEMS, Number(arrayCount.callHere(array)));
			for (let index = 0; index < count; index++) {
				const item = pointerOf(arrayItem.callHere(array, index));
				if (item !== null) items.push(item);
			}
			return items;
		},
		release(object) {
			if (object !== null) releaseObject.callHere(object);
		},
	};
}

/** A pointer that a function answered; null: NULL. */
export function pointerOf(result: NativeResult): bigint | null {
	return typeof result === "bigint" && result !== 0n ? result : null;
}

/** UTF-8 up to the first NUL. */
export function textOf(bytes: Buffer): string {
	const end = bytes.indexOf(0);
	return bytes.toString("utf8", 0, end === -1 ? bytes.length : end);
}
