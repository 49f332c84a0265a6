import { useAct, useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useMe } from '../../api/session.ts';
import { Page } from '../../frame/Page.tsx';
import { Badge } from '../../parts/Badge.tsx';
import { Button } from '../../parts/Button.tsx';
import { Section } from '../../parts/Section.tsx';
import { Table } from '../../parts/Table.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Empty, Loaded } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { imageTexts } from './texts.ts';

type Image = Answer<'GET /v1/images'>['items'][number];

/** What everything runs from, kind by kind, newest first. */
export function ImagesPage() {
  const say = useTexts(imageTexts);
  const images = useAnswer('GET /v1/images');
  return (
    <Page title={say('images')} lead={say('lead')}>
      <Loaded from={images} lines={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="layers" title={say('none')}>
              {say('noneText')}
            </Empty>
          ) : (
            [...Map.groupBy(items, ({ kind }) => kind)].map(([kind, ofKind]) => (
              <Kind key={kind} kind={kind} images={ofKind} />
            ))
          )
        }
      </Loaded>
    </Page>
  );
}

function Kind({ kind, images }: { readonly kind: string; readonly images: readonly Image[] }) {
  const say = useTexts(imageTexts);
  const { moment, number } = useFormats();
  return (
    <Section title={kind}>
      <Table
        label={kind}
        list={{ items: images, error: null, hasMore: false, isLoadingMore: false, more: () => undefined }}
        keyOf={({ digest }) => digest}
        empty={null}
        columns={[
          { id: 'digest', head: say('digest'), kind: 'wide', cell: ({ digest }) => <code>{digest.slice(0, 19)}</code> },
          { id: 'built', head: say('built'), kind: 'short', cell: ({ builtAt }) => moment(builtAt) },
          {
            id: 'packages',
            head: say('packages'),
            kind: 'number',
            cell: ({ lock }) => number(Object.keys(lock).length),
          },
          { id: 'current', head: say('current'), cell: (image) => <Current image={image} /> },
        ]}
      />
    </Section>
  );
}

function Current({ image }: { readonly image: Image }) {
  const say = useTexts(imageTexts);
  const sayProblem = useTexts(problems);
  const register = useAct('POST /v1/images', ['/v1/images']);
  const isAdministrator = useMe().person?.operatorRole === 'administrator';
  const { digest, kind } = image;
  if (image.current) return <Badge kind="good">{say('currentText')}</Badge>;
  if (!isAdministrator) return null;
  const use = () =>
    register.mutate(
      { body: { digest, kind, current: true } },
      {
        onSuccess: () => tell({ text: say('used', { kind }) }),
        onError: (error) => tell({ text: problemText(sayProblem, error) }),
      },
    );
  return (
    <Button onPress={use} isPending={register.isPending}>
      {say('use')}
    </Button>
  );
}
