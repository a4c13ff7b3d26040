import type { DayMaps } from './day-maps.ts';
import type { Page, PageRequest, Partition } from './page.ts';

/** A value of a query. */
type Scalar = string | number | boolean;

/** What a page is requested with. */
export interface Ask {
  /** Records per page. */
  readonly size: number;
  readonly page: number;
  /** Token of the page, see {@link Answer.next}; undefined for the first page. */
  readonly next: string | undefined;
  /** Beginning of the window, inclusive, written as `window.as` says. */
  readonly from: string | number | undefined;
  /** End of the window, inclusive; undefined if it is open. */
  readonly to: string | number | undefined;
  readonly partition: Partition;
}

/** The request of a page. What is undefined is left out. */
export interface AskedRequest {
  /** A list is sent as a repeated parameter. */
  readonly query?: Readonly<Record<string, Scalar | readonly Scalar[] | undefined>>;
  /** A body makes it a POST. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A dotted path into a JSON value, such as `meta.total`; `.` is the value itself. */
export type Path = string;
/** A path, or several for answers of several forms: the first that has a usable value counts. */
export type Paths = Path | readonly Path[];

/** The token is a parameter of an address that the vendor gives. The address is never followed. */
export interface InLink {
  readonly link: Path;
  readonly parameter: string;
}

/** The token is a value of the page's last record. */
export interface FromLast {
  readonly last: Path;
}

/** The token is the number of records before the page. */
export interface Offset {
  readonly offset: true;
}

/** Where an answer has its parts. The framework checks their kinds; what has another kind than documented counts as not given. */
export interface Answer {
  /** The list of records. If it is null or `{}`, the page is empty, and proves no removal. */
  readonly records: Paths;
  /** Where the token of the next page is. @default none: pages are requested by number */
  readonly next?: Paths | InLink | FromLast | Offset;
  /** A boolean: more pages follow. */
  readonly more?: Paths;
  /** The number of pages. */
  readonly pages?: Paths;
  /** The address of the next page, null on the last. It is never followed. */
  readonly link?: Paths;
  /** The page number that the vendor echoes. */
  readonly page?: Paths;
  /** The vendor's count of the complete list. */
  readonly total?: Paths;
  /** The filters that the vendor says it has applied. A list that was requested without any, and has some, lacks records. */
  readonly filters?: Path;
  /**
   * True if an answer with status 200 reports a failure.
   * @default `success` or `ok` is false or 0; `status`, `state`, `type` or `result` is "error" or "failed"; `status`, `status_code` or `code`
   * is a number from 400 to 599; `failed` or `has_error` is true; or `error`, `errors`, `error_code`, `error_message`, `exception` or `fault`
   * is not empty. Other spellings of these count too, such as `isSuccess` and `statusCode`
   */
  readonly failed?: (body: unknown) => boolean;
}

/** Where an answer has the details of a record: `record` or `records`, but not both. */
export interface DetailsAnswer {
  /** The object with the details. @default '.', the answer itself */
  readonly record?: Paths;
  /** The complete list of the record's child records. If it is null or `{}`, it is empty, and proves no removal. */
  readonly records?: Paths;
  /**
   * True if an answer with status 200 reports a failure.
   * @default as for lists; of fields that a column reads, and of a `status`, `result` or code in the details themselves, nothing is inferred
   */
  readonly failed?: (body: unknown) => boolean;
}

/** A token in an address, for {@link Answer.next}. */
export function inLink(link: Path, parameter: string): InLink {
  return { link, parameter };
}

/**
 * Pages that begin at a value of the last record of the page before, for {@link Answer.next}. The vendor must include records with
 * that value: they are shown twice, and none is lost.
 */
export function fromLast(last: Path): FromLast {
  return { last };
}

/** Pages that begin after a number of records, for {@link Answer.next}. */
export const byOffset: Offset = { offset: true };

/** How pages are requested and read. */
export interface Paging {
  /** Path below the base URL. `{name}` is a parameter of the partition, `{NAME}` a credential or option. */
  readonly path: string;
  /** @default 1 */
  readonly firstPage?: 0 | 1;
  readonly ask: (ask: Ask) => AskedRequest;
  /** @default the answer is the list */
  readonly answer?: Answer;
  /** The answer has one map per figure, from day to value: each day is one record. In place of `answer`. */
  readonly days?: DayMaps;
  /** Reads an answer for which paths do not suffice, in place of `answer`. @throws ContractError if it is not as documented */
  readonly read?: (body: unknown, request: PageRequest) => Page;
}

/** Another way to request a list, used if the vendor does not page otherwise. What it leaves out is that of the stream. */
export type OtherPaging = Partial<Paging> & { readonly name?: string };

/** What a stream declares about its pages. */
export interface ListPaging extends Paging {
  /** Other ways to request a page, used in order if the vendor does not page as asked. */
  readonly otherwise?: readonly OtherPaging[];
}

/** Another way to request the list, with what it leaves out. One that reads answers in its own way has no part of the stream's. */
export function otherPaging(stream: ListPaging, { name: _name, ...other }: OtherPaging): Paging {
  const { path, ask, firstPage = 1, answer, days, read } = stream;
  const isOwn = other.answer || other.days || other.read;
  const reader = isOwn ? {} : { ...(answer && { answer }), ...(days && { days }), ...(read && { read }) };
  return { path, ask, firstPage, ...reader, ...other };
}
