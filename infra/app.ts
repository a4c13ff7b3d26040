import { readFile } from 'node:fs/promises';
import { App } from 'aws-cdk-lib';
import config from '../callhouse.config.ts';
import { ConfigError } from '../functions/errors.ts';
import { didYouMean } from '../functions/nearest.ts';
import { loadJudgedSources } from '../local/warehouse/judged-sources.ts';
import type { FieldIds } from '../schemas/derive/field-ids.ts';
import { judgeBroken } from './broken-sources.ts';
import { addChecks } from './checks.ts';
import { parseConfig } from './config.ts';
import { addStage } from './stage.ts';

async function main(): Promise<void> {
  const app = new App();
  const { sources, broken } = await loadJudgedSources();
  const stages = parseConfig(config, [...sources, ...broken], process.env);
  const stage: string = app.node.tryGetContext('stage') ?? 'dev';
  const settings = stages[stage];
  if (!settings) {
    throw new ConfigError(
      `-c stage=${stage}: callhouse.config.ts has no stage of this name${didYouMean(stage, Object.keys(stages))}; expected one of ${Object.keys(stages).join(', ')}`,
    );
  }
  const fieldIds = JSON.parse(
    await readFile(new URL('../schemas/field-ids.json', import.meta.url), 'utf8'),
  ) as FieldIds;
  for (const warning of judgeBroken(broken, { sound: sources, stage, settings, fieldIds }))
    console.error(`warning: ${warning}`);
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  const env = { ...(account !== undefined && { account }), ...(region !== undefined && { region }) };
  addChecks(app, addStage(app, stage, { settings, sources, broken, fieldIds, env }), settings);
  app.synth();
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
