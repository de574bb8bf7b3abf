/** Bytes of a file that tell its dialect: enough for its first line and for any table's header in all but odd cases. */
export const HEAD_BYTES = 1 << 20;

/** The start of a file, at most `HEAD_BYTES`; reads hardly more. */
export async function readHead(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	let sizeBytes = 0;
	for await (const chunk of bytes) {
		chunks.push(chunk);
		sizeBytes += chunk.length;
		if (sizeBytes >= HEAD_BYTES) break;
	}
	return Buffer.concat(chunks).subarray(0, HEAD_BYTES);
}
