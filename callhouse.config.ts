import { defineConfig } from './infra/define-config.ts';

/** The vendors that are deployed. */
const sources = { kalem: {}, kismet: {}, solum: {}, zudu: {} };

/**
 * What each stage on AWS deploys: `npx cdk deploy --all` the stage `dev`, with `-c stage=prod` or `-c stage=sandbox` another. `cdk destroy`
 * keeps the data of a stage, except that of `sandbox`. Stages in one account and region need different databases. Every setting has a
 * default, see `functions/stage-settings.ts` and `functions/settings.ts`; a stage deploys the sources that it names.
 */
export default defineConfig({
  stages: {
    dev: { sources },
    prod: { sources, databasePrefix: 'callhouse_prod', alarms: { monthlyBudgetUsd: 200 } },
    sandbox: { sources, databasePrefix: 'callhouse_sandbox', removalPolicy: 'destroy' },
  },
});
