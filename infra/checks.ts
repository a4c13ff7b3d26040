import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks } from 'cdk-nag';
import { acknowledge } from './acknowledgements.ts';
import type { StageSettings } from './config.ts';
import type { StageStacks } from './stage.ts';

/** Holds the app to the rules of AWS Solutions and HIPAA Security at every synth; what they find and is not acknowledged fails it. */
export function addChecks(app: App, { data, pipeline, ops }: StageStacks, settings: StageSettings): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new HIPAASecurityChecks(app));
  acknowledge([data, pipeline, ops], settings);
}
