import { useRef, useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Answer } from '../../api/routes.ts';
import { type Carrying, carry } from '../../api/upload.ts';
import { Button } from '../../parts/Button.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Section } from '../../parts/Section.tsx';
import { useFormats } from '../../text/formats.ts';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { archiveFormat } from './archive.ts';
import { siteTexts } from './texts.ts';

type Site = Answer<'GET /v1/sites/:site'>;

type Progress =
  | { readonly kind: 'idle' }
  | { readonly kind: 'carrying'; readonly name: string; readonly done: number; readonly all: number }
  | { readonly kind: 'done'; readonly name: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed'; readonly error?: unknown; readonly words: string };

/** Carries an archive into the house and has it unpacked there. */
export function Upload({ site }: { readonly site: Site }) {
  const say = useTexts(siteTexts);
  const input = useRef<HTMLInputElement>(null);
  const carrying = useRef<Carrying>(undefined);
  const [progress, setProgress] = useState<Progress>({ kind: 'idle' });
  const [isOver, setOver] = useState(false);

  const send = async (file: File) => {
    const format = archiveFormat(file.name);
    if (format === undefined) return setProgress({ kind: 'refused' });
    const report = (done: number) => setProgress({ kind: 'carrying', name: file.name, done, all: file.size });
    report(0);
    try {
      const ticket = await ask('POST /v1/sites/:site/upload', { params: { site: site.id }, body: { format } });
      carrying.current = carry(ticket.url, file, report);
      const { outcome, words } = await carrying.current.ended;
      const isGood = outcome.kind === 'exited' && outcome.status === 0;
      setProgress(isGood ? { kind: 'done', name: file.name } : { kind: 'failed', words });
    } catch (error) {
      setProgress({ kind: 'failed', error, words: '' });
    } finally {
      carrying.current = undefined;
    }
  };
  const take = (files: FileList | null) => {
    const file = files?.[0];
    if (file !== undefined) void send(file);
  };

  return (
    <Section title={say('upload')} lead={say('uploadLead')}>
      {/* A hand may drop a file here; the button does the same for everybody else. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: nothing to be operated, only a place to let go of a file */}
      <div
        className="drop"
        data-over={isOver}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer.files);
        }}
      >
        <Icon name="upload" size={24} />
        <Button onPress={() => input.current?.click()} isDisabled={progress.kind === 'carrying'}>
          {say('choose')}
        </Button>
        <span className="small soft">{say('drop')}</span>
        <input
          ref={input}
          type="file"
          className="drop-input"
          accept=".zip,.tar.gz,.tgz"
          tabIndex={-1}
          aria-label={say('choose')}
          onChange={(event) => {
            take(event.target.files);
            event.target.value = '';
          }}
        />
      </div>
      <UploadProgress progress={progress} stop={() => carrying.current?.stop()} />
    </Section>
  );
}

function UploadProgress({ progress, stop }: { readonly progress: Progress; readonly stop: () => void }) {
  const say = useTexts(siteTexts);
  const sayProblem = useTexts(problems);
  const { bytes } = useFormats();
  switch (progress.kind) {
    case 'idle':
      return null;
    case 'refused':
      return <Notice kind="wrong">{say('wrongKind')}</Notice>;
    case 'done':
      return <Notice kind="good">{say('uploaded', { name: progress.name })}</Notice>;
    case 'failed':
      return (
        <Notice
          kind="wrong"
          title={progress.error === undefined ? say('uploadFailed') : problemText(sayProblem, progress.error)}
        >
          {progress.words === '' ? null : <pre className="drop-words">{progress.words}</pre>}
        </Notice>
      );
    case 'carrying': {
      const { name, done, all } = progress;
      const text =
        done < all ? say('carrying', { name, done: bytes(done), all: bytes(all) }) : say('unpacking', { name });
      return (
        <div className="drop-progress">
          <div className="drop-progress-head">
            <span role="status">{text}</span>
            <Button kind="plain" onPress={stop}>
              {say('cancelUpload')}
            </Button>
          </div>
          <progress max={all} value={done} aria-label={text} />
        </div>
      );
    }
  }
}
