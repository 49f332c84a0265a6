import { useState } from 'react';
import { useAct } from '../../api/query.ts';
import { useMe } from '../../api/session.ts';
import { Page } from '../../frame/Page.tsx';
import { Button } from '../../parts/Button.tsx';
import { Section } from '../../parts/Section.tsx';
import { Segments } from '../../parts/Segments.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Empty, Failed, Skeleton } from '../../parts/Waiting.tsx';
import { common } from '../../text/common.ts';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { Controls } from './Controls.tsx';
import { HoleList } from './HoleList.tsx';
import { Legend } from './Legend.tsx';
import { MatrixGrid } from './MatrixGrid.tsx';
import { matrixTexts } from './texts.ts';
import { type Matrix, useMatrix } from './useMatrix.ts';
import './matrix.css';

const REFRESH = ['/v1/probes', '/v1/nodes'];

/** Everything that probes found last, as one picture in which a hole shows at once. */
export function MatrixPage() {
  const say = useTexts(matrixTexts);
  const sayCommon = useTexts(common);
  const [show, setShow] = useState<'all' | 'holes'>('all');
  const { matrix, error, hasMore, isLoadingMore, more } = useMatrix(show === 'holes');
  return (
    <Page title={say('title')} lead={say('lead')} actions={<RunEverywhere />}>
      {matrix === undefined ? (
        error ? (
          <Failed error={error} />
        ) : (
          <Skeleton lines={12} />
        )
      ) : matrix.looks === 0 ? (
        <Empty icon="shield" title={say('nothing')}>
          {say('nothingText')}
        </Empty>
      ) : (
        <>
          <Verdict matrix={matrix} />
          <Section
            title={say('picture')}
            lead={say('keys')}
            actions={
              <Segments
                label={say('show')}
                value={show}
                onChange={setShow}
                options={[
                  { value: 'all', text: say('all') },
                  { value: 'holes', text: say('onlyHoles') },
                ]}
              />
            }
          >
            {matrix.items.length === 0 ? (
              <p className="soft">{say('noHoles')}</p>
            ) : (
              <>
                <Legend />
                <MatrixGrid key={show} matrix={matrix} holes={show === 'holes'} />
              </>
            )}
            {hasMore ? (
              <div>
                <Button onPress={more} isPending={isLoadingMore}>
                  {sayCommon('more')}
                </Button>
              </div>
            ) : null}
          </Section>
          <HoleList rows={matrix.items} />
          <Controls controls={matrix.controls} />
        </>
      )}
    </Page>
  );
}

function Verdict({ matrix: { looks, holes } }: { readonly matrix: Matrix }) {
  const say = useTexts(matrixTexts);
  return (
    <p className="matrix-verdict" data-holed={holes > 0} role="status">
      <strong>{holes > 0 ? say('holes', { count: holes }) : say('noHoles')}</strong>
      {holes > 0 ? null : <span>{say('noHolesText', { count: looks })}</span>}
    </p>
  );
}

/** For administrators, as its row of rights has it. */
function RunEverywhere() {
  const say = useTexts(matrixTexts);
  const sayProblem = useTexts(problems);
  const { person } = useMe();
  const run = useAct('POST /v1/probes', REFRESH);
  if (person?.operatorRole !== 'administrator') return null;
  const start = () =>
    run.mutate(
      { body: {} },
      {
        onError: (error) => tell({ text: problemText(sayProblem, error) }),
        onSuccess: ({ passed }) => tell({ text: say(passed ? 'ranClosed' : 'ranOpen') }),
      },
    );
  return (
    <Button icon="eye" onPress={start} isPending={run.isPending}>
      {say('run')}
    </Button>
  );
}
