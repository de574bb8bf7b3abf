/** How TLS is set up between machines: 1.3, both sides with a certificate, nothing kept from one connection to the next. */
import { constants } from "node:crypto";
import type { CommonConnectionOptions, ConnectionOptions, SecureContextOptions, TlsOptions } from "node:tls";
import type { DeviceIdentity } from "./open-identity.ts";
import { MEMBER_PROTOCOL, type MeshProtocol, PAIRING_PROTOCOL } from "./protocols.ts";

/**
 * Nobody signs certificates here but machines their own, so a library has nothing to check them against
 * (`rejectUnauthorized: false`). `peerOf` and who asks it do: on every connection, before a byte of it is read or written.
 */
function commonOptions(identity: DeviceIdentity): SecureContextOptions & CommonConnectionOptions {
	return {
		...identity.credentials(),
		minVersion: "TLSv1.3",
		maxVersion: "TLSv1.3",
		requestCert: true,
		rejectUnauthorized: false,
		/**
		 * A resumed connection shows the certificate of an earlier one or none. OpenSSL still sends tickets that stand for sessions
		 * in a cache, but Node keeps none unless asked to, so nothing can be resumed; `peerOf` refuses what is all the same.
		 */
		secureOptions: constants.SSL_OP_NO_TICKET,
	};
}

/** Options for `tls.createServer` and `https.createServer`. The pairing protocol is spoken only while `isPairing` says so. */
export function serverOptions(identity: DeviceIdentity, isPairing: () => boolean): TlsOptions {
	return {
		...commonOptions(identity),
		ALPNCallback: ({ protocols }) => {
			if (protocols.includes(MEMBER_PROTOCOL)) return MEMBER_PROTOCOL;
			return protocols.includes(PAIRING_PROTOCOL) && isPairing() ? PAIRING_PROTOCOL : undefined;
		},
	};
}

/** Options for `tls.connect` and `https.Agent`; an agent needs `maxCachedSessions: 0` besides. */
export function clientOptions(identity: DeviceIdentity, protocol: MeshProtocol): ConnectionOptions {
	return { ...commonOptions(identity), ALPNProtocols: [protocol] };
}
