import { Command } from '@commander-js/extra-typings';
import { examine } from '#platform/doctor/doctor.ts';
import { diagnosisText } from '#platform/doctor/need.ts';
import { DISK_BYTES } from '#platform/settings.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';
import { EXIT, ExitWith } from '../exit.ts';

export function doctorCommand(context: Context) {
  return new Command('doctor')
    .description('say whether this machine can carry the platform')
    .addHelpText('after', examples(['hofje doctor', 'each need, what is there, what is missing and how to mend it']))
    .action(async (_options, command) => {
      const output = context.output(command);
      const diagnosis = await examine({ folders: context.folders(), cache: context.cache(), diskBytes: DISK_BYTES });
      const verdict = diagnosis.fit
        ? 'This machine can carry the platform.'
        : 'This machine cannot carry the platform yet.';
      output.result(diagnosis, `${diagnosisText(diagnosis)}\n\n${verdict} (${diagnosis.milliseconds} ms)`);
      if (!diagnosis.fit) throw new ExitWith(EXIT.unavailable);
    });
}
