import { CfnNamedQuery } from 'aws-cdk-lib/aws-athena';
import { Construct } from 'constructs';
import { readQuestions } from '../../functions/questions.ts';
import type { Workgroup } from './workgroup.ts';

export interface NamedQueriesProps {
  /** Workgroup of the readers, in whose query editor they show. */
  readonly workgroup: Workgroup;
  /** Name of the safe database, against which the queries resolve their names. */
  readonly databaseName: string;
}

/** The question book (`docs/questions.md`) as saved queries of Athena. */
export class NamedQueries extends Construct {
  constructor(scope: Construct, id: string, { workgroup, databaseName }: NamedQueriesProps) {
    super(scope, id);
    for (const { number, name, title, reading, sql } of readQuestions()) {
      const query = new CfnNamedQuery(this, name, {
        name: `${String(number).padStart(2, '0')} ${title}`.slice(0, 128),
        description: reading.slice(0, 1024),
        database: databaseName,
        queryString: sql,
        workGroup: workgroup.name,
      });
      query.node.addDependency(workgroup);
    }
  }
}
