import { type FormEvent, useState } from 'react';
import { useAct, useAnswer } from '../../api/query.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Ask, Buttons, Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { Checkbox, Select } from '../../parts/Choices.tsx';
import { Confirm } from '../../parts/Confirm.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { common } from '../../text/common.ts';
import { useTexts } from '../../text/useTexts.tsx';
import type { Membership } from './PeoplePage.tsx';
import { peopleTexts } from './texts.ts';

const REFRESH = ['/v1/accounts', '/v1/session', '/v1/sites', '/v1/domains'];

interface LeavingProps {
  readonly membership: Membership;
}

/** The ways out of an account: to leave it, and for an owner to hand it over first. */
export function Leaving({ membership }: LeavingProps) {
  const say = useTexts(peopleTexts);
  const [asked, setAsked] = useState<'leave' | 'hand-over'>();
  const close = () => setAsked(undefined);
  return (
    <>
      {membership.role === 'owner' ? <Button onPress={() => setAsked('hand-over')}>{say('handOver')}</Button> : null}
      <Button icon="leave" onPress={() => setAsked('leave')}>
        {say('leave')}
      </Button>
      {asked === 'leave' ? <Leave membership={membership} onClose={close} /> : null}
      {asked === 'hand-over' ? <HandOver membership={membership} onClose={close} /> : null}
    </>
  );
}

interface DialogProps extends LeavingProps {
  onClose(): void;
}

function Leave({ membership, onClose }: DialogProps) {
  const say = useTexts(peopleTexts);
  const leave = useAct('POST /v1/accounts/:account/leave', REFRESH);
  const { account, accountName } = membership;
  const confirmed = () =>
    leave.mutate(
      { params: { account } },
      {
        onSuccess: () => {
          tell({ text: say('left', { account: accountName }) });
          onClose();
        },
      },
    );
  return (
    <Confirm
      title={say('leaveTitle', { account: accountName })}
      act={say('leave')}
      error={leave.error}
      isPending={leave.isPending}
      onConfirm={confirmed}
      onClose={onClose}
    >
      <p>{say('leaveText')}</p>
    </Confirm>
  );
}

function HandOver({ membership, onClose }: DialogProps) {
  const say = useTexts(peopleTexts);
  const sayCommon = useTexts(common);
  const { account, accountName } = membership;
  const members = useAnswer('GET /v1/accounts/:account/members', { params: { account } });
  const others = (members.data?.items ?? []).filter(({ role }) => role !== 'owner');
  const [chosen, setChosen] = useState('');
  const [leaves, setLeaves] = useState(false);
  const handOver = useAct('POST /v1/accounts/:account/hand-over', REFRESH);
  const trouble = useTrouble(handOver.error).besides();
  const to = chosen === '' ? (others[0]?.person ?? '') : chosen;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    handOver.mutate(
      { params: { account }, body: { to, leave: leaves } },
      {
        onSuccess: () => {
          tell({ text: say('handedOver', { account: accountName }) });
          onClose();
        },
      },
    );
  };
  return (
    <Ask title={say('handOverTitle', { account: accountName })} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Fields>
          <p className="soft">{say('handOverText')}</p>
          {trouble === undefined ? null : <Notice kind="wrong">{trouble}</Notice>}
          <Select
            label={say('handOverTo')}
            value={to}
            onChange={setChosen}
            options={others.map(({ person, name, email }) => ({ value: person as string, text: `${name} (${email})` }))}
          />
          <Checkbox isSelected={leaves} onChange={setLeaves}>
            {say('stay')}
          </Checkbox>
          <Buttons>
            <Button onPress={onClose}>{sayCommon('cancel')}</Button>
            <Button kind="danger" type="submit" isPending={handOver.isPending} isDisabled={to === ''}>
              {say('handOver')}
            </Button>
          </Buttons>
        </Fields>
      </form>
    </Ask>
  );
}
