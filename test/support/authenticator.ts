import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What a page hands to `navigator.credentials`, as far as this authenticator looks at it. */
interface Options {
  readonly challenge?: unknown;
  readonly rpId?: unknown;
  readonly rp?: unknown;
  readonly user?: unknown;
}

interface Behaviour {
  /** Where the page seems to be; the site itself unless told otherwise. */
  readonly origin?: string;
  readonly rpId?: string;
  /** Whether the person showed a finger or a PIN. */
  readonly verified?: boolean;
  /** The count that is signed; one more than the last time unless told otherwise. */
  readonly counter?: number;
  readonly challenge?: string;
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED = 0x40;

/**
 * An authenticator of WebAuthn Level 3 with one ES256 key and no attestation, and the browser in front of it. It does what
 * it is told, also what no honest one does.
 */
export class Authenticator {
  readonly id = randomBytes(32);
  readonly #origin: string;
  readonly #privateKey: KeyObject;
  readonly #publicKey: Buffer;
  #counter = 0;
  #user = Buffer.alloc(0);

  constructor(origin: string) {
    this.#origin = origin;
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#privateKey = privateKey;
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    // COSE_Key: kty EC2, alg ES256, crv P-256 (RFC 9053).
    this.#publicKey = cborMap([
      [Buffer.of(0x01), Buffer.of(0x02)],
      [Buffer.of(0x03), Buffer.of(0x26)],
      [Buffer.of(0x20), Buffer.of(0x01)],
      [Buffer.of(0x21), cborBytes(Buffer.from(x, 'base64url'))],
      [Buffer.of(0x22), cborBytes(Buffer.from(y, 'base64url'))],
    ]);
  }

  /** `navigator.credentials.create`. */
  create(options: Options, behaviour: Behaviour = {}) {
    this.#user = Buffer.from(memberOf(options.user, 'id'), 'base64url');
    const client = this.#clientData('webauthn.create', options, behaviour);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    const rpId = behaviour.rpId ?? memberOf(options.rp, 'id');
    const data = Buffer.concat([
      this.#authenticatorData(rpId, behaviour, ATTESTED),
      Buffer.alloc(16),
      length,
      this.id,
      this.#publicKey,
    ]);
    const attestation = cborMap([
      [cborText('fmt'), cborText('none')],
      [cborText('attStmt'), cborMap([])],
      [cborText('authData'), cborBytes(data)],
    ]);
    return this.#answer({
      clientDataJSON: client.toString('base64url'),
      attestationObject: attestation.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** `navigator.credentials.get`. */
  get(options: Options, behaviour: Behaviour = {}) {
    const client = this.#clientData('webauthn.get', options, behaviour);
    const data = this.#authenticatorData(behaviour.rpId ?? String(options.rpId), behaviour, 0);
    const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
    return this.#answer({
      clientDataJSON: client.toString('base64url'),
      authenticatorData: data.toString('base64url'),
      signature: sign('sha256', signed, this.#privateKey).toString('base64url'),
      userHandle: this.#user.toString('base64url'),
    });
  }

  #answer(response: Readonly<Record<string, unknown>>) {
    const id = this.id.toString('base64url');
    return { id, rawId: id, type: 'public-key' as const, response, clientExtensionResults: {} };
  }

  #clientData(type: string, options: Options, behaviour: Behaviour): Buffer {
    const challenge = behaviour.challenge ?? String(options.challenge);
    return Buffer.from(
      JSON.stringify({ type, challenge, origin: behaviour.origin ?? this.#origin, crossOrigin: false }),
    );
  }

  #authenticatorData(rpId: string, { verified = true, counter }: Behaviour, more: number): Buffer {
    this.#counter = counter ?? this.#counter + 1;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(this.#counter);
    const flags = USER_PRESENT | (verified ? USER_VERIFIED : 0) | more;
    return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.of(flags), count]);
  }
}

function memberOf(value: unknown, name: string): string {
  return typeof value === 'object' && value !== null ? String((value as Record<string, unknown>)[name]) : '';
}

/** CBOR (RFC 8949), as much of it as is needed. */
function cborHead(major: number, length: number): Buffer {
  if (length < 24) return Buffer.of((major << 5) | length);
  if (length < 256) return Buffer.of((major << 5) | 24, length);
  return Buffer.of((major << 5) | 25, length >> 8, length & 0xff);
}

function cborBytes(bytes: Buffer): Buffer {
  return Buffer.concat([cborHead(2, bytes.length), bytes]);
}

function cborText(text: string): Buffer {
  return Buffer.concat([cborHead(3, Buffer.byteLength(text)), Buffer.from(text)]);
}

function cborMap(entries: readonly (readonly [Buffer, Buffer])[]): Buffer {
  return Buffer.concat([cborHead(5, entries.length), ...entries.flat()]);
}
