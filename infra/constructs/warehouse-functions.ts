import { Construct } from 'constructs';
import { loadName, maintainName, workgroupName } from '../../functions/aws/names.ts';
import { databasesOf } from '../../schemas/derive/databases.ts';
import { maintainSettings, pipelineSettings } from '../config.ts';
import { type PipelineEnvironment, PipelineFunction } from './pipeline-function.ts';
import type { PipelineParts } from './pipeline-parts.ts';
import { PREFIXES } from './prefixes.ts';
import { RunSchedule } from './run-schedule.ts';
import { catalog, type Grant, keyForObjects, listing, objects, queries, tableVersions } from './statements.ts';

/** Prefix of the leases of the load and maintain Lambdas. */
const LEASES = 'leases/';

/** The two Lambdas that change the warehouse, load and maintain, with their schedules. */
export class WarehouseFunctions extends Construct {
  readonly functionArns: readonly string[];

  constructor(scope: Construct, id: string, parts: PipelineParts) {
    super(scope, id);
    const { stage, settings } = parts;
    const { schedules, memory } = settings;
    const databases = databasesOf(settings.databasePrefix);
    const load = this.make('load', parts, {
      functionName: loadName(stage),
      doc: 'Merges staged rows into the tables',
      memoryMb: memory.loadMb,
      every: schedules.load,
      readable: ['commits/', 'checkpoints/', PREFIXES.staging],
      changeable: [PREFIXES.progress, LEASES],
      settings: pipelineSettings(settings),
    });
    const maintain = this.make('maintain', parts, {
      functionName: maintainName(stage),
      doc: 'Compacts the tables, drops old snapshots and checks the data',
      memoryMb: memory.maintainMb,
      every: `cron(0 ${schedules.maintainHour} * * ? *)`,
      // How many records are left out of the tables, for the checks.
      readable: [PREFIXES.erasures],
      // raw and staging, because maintenance removes the files that a killed run left, and staged files that were loaded.
      changeable: [...PREFIXES.state, PREFIXES.progress, PREFIXES.raw, PREFIXES.staging],
      grants: [
        tableVersions(this, [databases.safe, databases.phi]),
        ...(settings.report?.publish ? [objects(parts.buckets.safe, 'add', [PREFIXES.report])] : []),
      ],
      environment: {
        CALLHOUSE_STAGING_DAYS: String(settings.retention.stagingDays),
        ...(settings.report?.publish && { CALLHOUSE_SAFE_BUCKET: parts.buckets.safe.bucketName }),
      },
      settings: maintainSettings(settings),
    });
    this.functionArns = [load, maintain];
  }

  private make(part: 'load' | 'maintain', parts: PipelineParts, props: WarehouseFunctionProps): string {
    const id = part === 'load' ? 'Load' : 'Maintain';
    const { settings, functionDefaults, environment } = parts;
    const accounts = Object.entries(settings.sources).map(([name, source]) => [name, source.accounts]);
    const lambda = new PipelineFunction(this, id, {
      ...functionDefaults,
      ...props,
      entry: parts.entryOf(part),
      grants: [...warehouseGrants(this, parts, props), ...(props.grants ?? [])],
      environment: {
        ...environment,
        ...props.environment,
        CALLHOUSE_SOURCES: JSON.stringify(Object.fromEntries(accounts)),
        CALLHOUSE_SETTINGS: JSON.stringify(props.settings),
      },
    });
    const { functionName: name, every } = props;
    new RunSchedule(this, `${id}Schedule`, { ...parts.schedule, name, every, functionArn: lambda.functionArn });
    return lambda.functionArn;
  }
}

interface WarehouseFunctionProps {
  readonly functionName: string;
  readonly doc: string;
  readonly memoryMb: number;
  readonly every: string;
  /** Prefixes of the lake bucket that it reads, besides those of the tables. */
  readonly readable: readonly string[];
  readonly changeable: readonly string[];
  /** The settings that it reads. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Further grants. @default none */
  readonly grants?: readonly Grant[];
  /** Further variables. @default none */
  readonly environment?: PipelineEnvironment;
}

/** Both may change all tables: MERGE writes files, OPTIMIZE and VACUUM rewrite and delete them. */
function warehouseGrants(scope: Construct, parts: PipelineParts, props: WarehouseFunctionProps): Grant[] {
  const { keys, buckets, stage, settings } = parts;
  const databases = databasesOf(settings.databasePrefix);
  return [
    ...queries(scope, workgroupName(stage, 'etl')),
    catalog(scope, [databases.staging], 'read'),
    catalog(scope, [databases.safe, databases.phi], 'alter'),
    ...(props.readable.length > 0 ? [objects(buckets.lake, 'read', props.readable)] : []),
    objects(buckets.lake, 'change', [...props.changeable, PREFIXES.phi, PREFIXES.results.etl]),
    objects(buckets.safe, 'change', [PREFIXES.safe]),
    listing(buckets.lake),
    listing(buckets.safe),
    keyForObjects(keys.lake, 'change'),
    keyForObjects(keys.safe, 'change'),
  ];
}
