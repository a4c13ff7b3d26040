import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks } from 'cdk-nag';
import { acknowledge } from './acknowledgements.ts';
import type { StageSettings } from './config.ts';
import type { StageStacks } from './stage.ts';

/**
 * Checks the app against the AWS Solutions and HIPAA Security rules of cdk-nag. A finding that is not acknowledged fails `cdk synth`.
 * @see {@link https://github.com/cdklabs/cdk-nag/blob/main/RULES.md}
 */
export function addChecks(app: App, { data, pipeline, ops }: StageStacks, settings: StageSettings): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new HIPAASecurityChecks(app));
  acknowledge([data, pipeline, ops], settings);
}
