import { HofjeError } from '#model/error.ts';
import type { Input } from './routes.ts';

type Response = Input<'POST /v1/session/passkey'>['body']['passkey'];
type Options = Readonly<Record<string, unknown>>;

/** Whether this browser can speak of passkeys in JSON, at this address: WebAuthn knows names only. */
export function canUsePasskeys(): boolean {
  const isAddress = /^[\d.]+$|^\[/.test(location.hostname);
  return (
    !isAddress && typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential
  );
}

/** Asks the authenticator to prove who one is. Throws `passkey.dismissed` when the person, or the time, said no. */
export async function provePasskey(options: Options): Promise<Response> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return asResponse(await navigator.credentials.get({ publicKey }).catch(dismissed));
}

/** Has the authenticator make a new passkey. Throws likewise. */
export async function makePasskey(options: Options): Promise<Response> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  return asResponse(await navigator.credentials.create({ publicKey }).catch(dismissed));
}

function asResponse(credential: Credential | null): Response {
  if (!(credential instanceof PublicKeyCredential)) return dismissed();
  const { id, rawId, response, clientExtensionResults, authenticatorAttachment } = credential.toJSON();
  return {
    id,
    rawId,
    type: 'public-key',
    response: { ...response },
    clientExtensionResults: { ...clientExtensionResults },
    ...(authenticatorAttachment && { authenticatorAttachment }),
  };
}

function dismissed(cause?: unknown): never {
  throw new HofjeError('passkey.dismissed', 'No passkey was used.', { cause });
}
