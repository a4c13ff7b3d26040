/** The part of parquetjs-lite that is used here. The package has no types of its own. */
declare module 'parquetjs-lite' {
  export interface FieldDefinition {
    readonly type?: string;
    readonly optional?: boolean;
    readonly repeated?: boolean;
    readonly compression?: 'SNAPPY';
    readonly statistics?: false;
    readonly fields?: Readonly<Record<string, FieldDefinition>>;
  }

  export interface WriterOptions {
    readonly rowGroupSize: number;
    /** Rows, not bytes. */
    readonly pageSize: number;
    readonly useDataPageV2: boolean;
    readonly pageIndex: false;
  }

  class ParquetSchema {
    constructor(fields: Readonly<Record<string, FieldDefinition>>);
  }

  class ParquetEnvelopeWriter {
    constructor(
      schema: ParquetSchema,
      write: (bytes: Uint8Array) => void,
      close: () => void,
      offset: number,
      options: WriterOptions,
    );
  }

  class ParquetWriter {
    constructor(schema: ParquetSchema, envelope: ParquetEnvelopeWriter, options: WriterOptions);
    appendRow(row: Readonly<Record<string, unknown>>): Promise<void>;
    close(): Promise<void>;
  }

  const parquetjs: {
    readonly ParquetSchema: typeof ParquetSchema;
    readonly ParquetEnvelopeWriter: typeof ParquetEnvelopeWriter;
    readonly ParquetWriter: typeof ParquetWriter;
  };
  export default parquetjs;
}
