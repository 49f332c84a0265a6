import { nodeLink } from '#model/node/address.ts';
import type { Installation } from '../state/installation.ts';

/** Where the platform is reached from the machine itself, as URLs. */
export interface Endpoints {
  readonly api: string;
  readonly http: string;
  readonly https: string;
  readonly smtp: string;
  readonly submission: string;
  readonly imap: string;
}

/** Pure. Mail with TLS from the first byte (RFC 8314) where the protocol has it. */
export function endpointsOf(installation: Installation): Endpoints {
  const { node } = nodeLink(installation.slot);
  return {
    api: `https://127.0.0.1:${installation.ports.api}`,
    http: `http://${node}:80`,
    https: `https://${node}:443`,
    smtp: `smtp://${node}:25`,
    submission: `smtps://${node}:465`,
    imap: `imaps://${node}:993`,
  };
}
