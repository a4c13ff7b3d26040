import { defineConfig } from './infra/config.ts';

/**
 * What each stage on AWS deploys: `npx cdk deploy --all` the stage `dev`, with `-c stage=prod` the other. Every setting has a
 * default, told in `functions/stage-settings.ts` and `functions/settings.ts`; a stage without `sources` extracts them all.
 */
export default defineConfig({
  stages: {
    dev: { removalPolicy: 'destroy' },
    prod: { alarms: { monthlyBudgetUsd: 200 } },
  },
});
