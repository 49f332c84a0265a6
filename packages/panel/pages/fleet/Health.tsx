import type { Answer } from '../../api/routes.ts';
import { Badge } from '../../parts/Badge.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { fleetTexts, healthTexts } from './texts.ts';

type Node = Answer<'GET /v1/nodes/:node'>;

const KINDS = { ok: 'good', waiting: 'quiet', alarmed: 'wrong', silent: 'wrong' } as const;

/** How a node does, and since when it says nothing if it is silent. */
export function Health({ node }: { readonly node: Node }) {
  const say = useTexts(fleetTexts);
  const sayHealth = useTexts(healthTexts);
  const { ago } = useFormats();
  return (
    <span className="node-health">
      <Badge kind={KINDS[node.health]}>{sayHealth(node.health)}</Badge>
      {node.health === 'silent' ? (
        <span className="small soft">
          {node.lastSeenAt === null ? say('neverSeen') : say('seen', { ago: ago(node.lastSeenAt, Date.now()) })}
        </span>
      ) : null}
    </span>
  );
}
