import { useAnswer } from '../../api/query.ts';
import { Loaded } from '../../parts/Waiting.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { AuthenticatorApp } from './AuthenticatorApp.tsx';
import { MePage } from './MePage.tsx';
import { Passkeys } from './Passkeys.tsx';
import { Password } from './Password.tsx';
import { RecoveryCodes } from './RecoveryCodes.tsx';
import { Sessions } from './Sessions.tsx';
import { meTexts, securityTexts } from './texts.ts';

/** What one can log in with, and where one is logged in. */
export function SecurityPage() {
  const sayMe = useTexts(meTexts);
  const say = useTexts(securityTexts);
  const factors = useAnswer('GET /v1/factors');
  return (
    <MePage title={sayMe('security')} lead={say('lead')}>
      <Loaded from={factors} lines={10}>
        {(data) => (
          <div className="me-columns">
            <Password factors={data} />
            <AuthenticatorApp factors={data} />
            <Passkeys factors={data} />
            <RecoveryCodes factors={data} />
          </div>
        )}
      </Loaded>
      <Sessions />
    </MePage>
  );
}
