import { Command } from '@commander-js/extra-typings';
import type { Context } from '../../context.ts';
import { addAliasCommands } from './alias.ts';
import { addExecCommand } from './exec.ts';
import { addLifeCommands } from './life.ts';
import { addLogsCommand } from './logs.ts';
import { addUploadCommand } from './upload.ts';

export function siteCommand(context: Context) {
  const site = new Command('site').description('websites');
  addLifeCommands(site, context);
  addAliasCommands(site, context);
  addUploadCommand(site, context);
  addExecCommand(site, context);
  addLogsCommand(site, context);
  return site;
}
