import type { Simulators } from '../../../local/simulators/start-simulators.ts';
import { putKalemRows, putSolumRows, putZuduRows } from './call-rows.ts';
import type { ExpectedOptions, ExpectedTable, RowSink } from './expected-row.ts';
import { putKismetRows } from './kismet-rows.ts';
import { TABLE_SHAPES } from './table-shapes.ts';

/** The expected content of the warehouse, derived only from the simulators' ledger: table, then key text, then row. */
export function expectedTables(simulators: Simulators, options: ExpectedOptions): Map<string, ExpectedTable> {
  const tables = new Map(Object.keys(TABLE_SHAPES).map((name): [string, ExpectedTable] => [name, new Map()]));
  const sink: RowSink = { options, tables };
  putKismetRows(sink, simulators);
  putSolumRows(sink, simulators);
  putZuduRows(sink, simulators);
  putKalemRows(sink, simulators);
  return tables;
}
