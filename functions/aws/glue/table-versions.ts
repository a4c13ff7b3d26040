import {
  BatchDeleteTableVersionCommand,
  GlueClient,
  type GlueClientConfig,
  paginateGetTableVersions,
} from '@aws-sdk/client-glue';
import { StorageError } from '../../errors.ts';
import type { TableVersions } from '../../maintain/plan.ts';
import { clientDefaults } from '../client-defaults.ts';
import { describeFault, faultOf } from '../sdk-errors.ts';

/** Answers that say the version is gone. */
const GONE = 'EntityNotFoundException';

/**
 * Versions of tables in the Glue Data Catalog. Each change of an Iceberg table is a version there, and nothing deletes the earlier
 * ones. From 100,000 on Glue refuses further changes of the table.
 * @param config region, endpoint and credentials; default: those of the environment
 * @see {@link https://repost.aws/knowledge-center/glue-table-version-errors}
 */
export function glueTableVersions(config?: GlueClientConfig): TableVersions & { close(): void } {
  const client = new GlueClient({ ...clientDefaults('GLUE'), ...config });
  return {
    async *list(database, table) {
      try {
        const pages = paginateGetTableVersions({ client, pageSize: 100 }, { DatabaseName: database, TableName: table });
        for await (const { TableVersions: versions = [] } of pages)
          yield versions.map(({ VersionId: id }) => Number(id)).filter(Number.isInteger);
      } catch (error) {
        throw glueError(error, 'glue:GetTableVersions', `${database}.${table}`);
      }
    },
    async delete(database, table, versions) {
      try {
        const ids = versions.map(String);
        const input = { DatabaseName: database, TableName: table, VersionIds: ids };
        const { Errors: errors = [] } = await client.send(new BatchDeleteTableVersionCommand(input));
        const kept = errors.find(({ ErrorDetail: detail }) => detail?.ErrorCode !== GONE);
        if (kept)
          throw new StorageError(
            `Glue kept versions of table ${database}.${table} that should be deleted (${kept.ErrorDetail?.ErrorCode}); the next maintenance tries again`,
          );
      } catch (error) {
        throw glueError(error, 'glue:BatchDeleteTableVersion', `${database}.${table}`);
      }
    },
    close: () => client.destroy(),
  };
}

/** @returns the error to throw; a bug, and an expected failure, unchanged */
function glueError(error: unknown, action: string, table: string): unknown {
  const fault = faultOf(error);
  if (!fault) return error;
  const remedy = /AccessDenied/.test(fault.code)
    ? `the role needs ${action} on it, and where Lake Formation governs it, its permission to alter`
    : describeFault(fault);
  return new StorageError(`versions of table ${table} cannot be pruned: ${remedy} (${fault.code})`);
}
