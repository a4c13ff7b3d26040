import { defineConfig } from './infra/config.ts';

/** The vendors that are deployed. */
const sources = { kalem: {}, kismet: {}, solum: {}, zudu: {} };

/**
 * What each stage on AWS deploys: `npx cdk deploy --all` the stage `dev`, with `-c stage=prod` the other. Every setting has a
 * default, told in `functions/stage-settings.ts` and `functions/settings.ts`; a stage deploys the
 * sources that it names.
 */
export default defineConfig({
  stages: {
    dev: { sources, removalPolicy: 'destroy' },
    prod: { sources, alarms: { monthlyBudgetUsd: 200 } },
  },
});
