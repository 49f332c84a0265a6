import type { Client } from '#platform/api/client.ts';
import { runInside } from '#platform/demo/inside.ts';
import { type Visit, type VisitOptions, visit } from '#platform/demo/web.ts';
import type { Whole } from './stage.ts';

/** What a test's page says about the request that reached it. */
export interface PageFacts {
  readonly method: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Tells one start of the container from another. */
  readonly container: string;
  readonly server: Readonly<Record<string, string>>;
}

const PAGE = `<?php
$body = file_get_contents('php://input');
echo json_encode([
    'method' => $_SERVER['REQUEST_METHOD'],
    'bytes' => strlen($body),
    'sha256' => hash('sha256', $body),
    'container' => readlink('/proc/self/ns/pid'),
    'server' => array_map('strval', array_filter($_SERVER, 'is_scalar')),
]);
`;

/** Puts the page into a site. */
export async function putPage(client: Client, site: string): Promise<void> {
  await writeInside(client, site, 'public/index.php', PAGE);
}

/** Writes a file of a site, inside it. */
export async function writeInside(client: Client, site: string, path: string, content: string): Promise<void> {
  const argv = ['sh', '-c', 'mkdir -p "$(dirname "$1")" && cat > "$1"', 'sh', path];
  const { outcome, stderr } = await runInside(client, site, argv, Buffer.from(content));
  if (outcome.kind === 'exited' && outcome.status === 0) return;
  throw new Error(`${path} was not written: ${JSON.stringify(outcome)} ${stderr.toString('utf8')}`);
}

/** Visits a site over https, its certificate checked. */
export async function visitSite(whole: Whole, site: string, path = '/', options: VisitOptions = {}): Promise<Visit> {
  return await visit(whole.endpoints.https, site, path, { ca: whole.siteAuthority, ...options });
}

/** What the page said. Throws with the answer when it was not the page that answered. */
export function factsOf({ status, body }: Pick<Visit, 'status' | 'body'>): PageFacts {
  if (status === 200) return JSON.parse(body.toString('utf8')) as PageFacts;
  throw new Error(`answered ${status}: ${body.toString('utf8').slice(0, 300)}`);
}
