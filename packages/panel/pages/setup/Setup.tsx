import { useState } from 'react';
import { useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { CopyButton } from '../../parts/Copy.tsx';
import { Fact, Facts, Section } from '../../parts/Section.tsx';
import { Segments } from '../../parts/Segments.tsx';
import { Loaded } from '../../parts/Waiting.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { securities, setupTexts } from './texts.ts';
import './setup.css';

type MailSetup = Answer<'GET /v1/mailboxes/:mailbox/setup'>;
type Server = MailSetup['servers'][number];
type Program = keyof typeof STEPS;

const STEPS = {
  thunderbird: ['thunderbird1', 'thunderbird2', 'thunderbird3'],
  outlook: ['outlook1', 'outlook2', 'outlook3'],
  phone: ['apple1', 'phone2'],
  mac: ['apple1', 'mac2'],
  android: ['android1', 'android2', 'android3'],
} as const;

/** How to read a mailbox with a program: what it asks for, and the way there in each. */
export function Setup({ mailbox }: { readonly mailbox: string }) {
  const say = useTexts(setupTexts);
  const setup = useAnswer('GET /v1/mailboxes/:mailbox/setup', { params: { mailbox } });
  return (
    <Section title={say('title')} lead={say('lead')}>
      <Loaded from={setup} lines={8}>
        {(data) => <Way setup={data} />}
      </Loaded>
    </Section>
  );
}

function Way({ setup }: { readonly setup: MailSetup }) {
  const say = useTexts(setupTexts);
  const [program, setProgram] = useState<Program>('thunderbird');
  const first = (protocol: Server['protocol']) => setup.servers.find((server) => server.protocol === protocol);
  const [imap, smtp] = [first('imap'), first('smtp')];
  const hasProfile = program === 'phone' || program === 'mac';
  return (
    <>
      <Segments
        label={say('program')}
        value={program}
        onChange={setProgram}
        options={[
          { value: 'thunderbird', text: 'Thunderbird' },
          { value: 'outlook', text: 'Outlook' },
          { value: 'phone', text: 'iPhone' },
          { value: 'mac', text: 'Mac' },
          { value: 'android', text: 'Android' },
        ]}
      />
      <div className="setup-columns">
        <div className="setup-values">
          <Facts>
            <Fact name={say('userName')}>
              <Value text={setup.userName} what={say('userName')} />
            </Fact>
            <Fact name={say('login')}>{say('loginText')}</Fact>
          </Facts>
          {imap === undefined ? null : <ServerFacts title={say('incoming')} server={imap} />}
          {smtp === undefined ? null : <ServerFacts title={say('outgoing')} server={smtp} />}
        </div>
        <div className="setup-steps">
          <h3>{say('steps')}</h3>
          <ol>
            {STEPS[program].map((step) => (
              <li key={step}>{say(step)}</li>
            ))}
          </ol>
          {hasProfile ? (
            <a className="button button-quiet" href={setup.profile} download>
              {say('profile')}
            </a>
          ) : null}
          {setup.certificate === 'own' ? <p className="small soft">{say('ownCertificate')}</p> : null}
          <Others servers={setup.servers} />
        </div>
      </div>
    </>
  );
}

function ServerFacts({ title, server }: { readonly title: string; readonly server: Server }) {
  const say = useTexts(setupTexts);
  const saySecurity = useTexts(securities);
  const of = (what: string) => `${what}, ${title}`;
  return (
    <div>
      <h3>{title}</h3>
      <Facts>
        <Fact name={say('server')}>
          <Value text={server.host} what={of(say('server'))} />
        </Fact>
        <Fact name={say('port')}>
          <Value text={String(server.port)} what={of(say('port'))} />
        </Fact>
        <Fact name={say('security')}>{saySecurity(server.security)}</Fact>
      </Facts>
    </div>
  );
}

function Value({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <span className="setup-value">
      <code>{text}</code>
      <CopyButton text={text} what={what} />
    </span>
  );
}

/** What is left when a network lets the best ones not through. */
function Others({ servers }: { readonly servers: readonly Server[] }) {
  const say = useTexts(setupTexts);
  const other = (protocol: Server['protocol']) =>
    servers.find((server) => server.protocol === protocol && server.security === 'starttls')?.port;
  const [imap, smtp] = [other('imap'), other('smtp')];
  if (imap === undefined || smtp === undefined) return null;
  return (
    <details className="small">
      <summary>{say('others')}</summary>
      <p className="soft">{say('othersText', { imap, smtp })}</p>
    </details>
  );
}
