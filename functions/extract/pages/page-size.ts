import { shownTotal } from '../../results.ts';
import type { Partition } from '../../source/page.ts';
import type { PartitionScan } from './scan.ts';

/** A page, by its number among pages of a size. */
export interface SizedPage {
  readonly page: number;
  /** Records per page. */
  readonly size: number;
}

/**
 * The smaller page that begins where this one does. Its size divides the larger one, so that no record is between two pages.
 * @returns undefined if the page has one record
 */
export function smallerPage({ page, size }: SizedPage, firstPage: number): SizedPage | undefined {
  for (let smaller = Math.floor(size / 2); smaller >= 1; smaller -= 1)
    if (size % smaller === 0) return { page: firstPage + (page - firstPage) * (size / smaller), size: smaller };
  return undefined;
}

/** Pages of fewer records would make too many requests. */
const LEAST_SIZE = 5;

/** Smaller sizes that divide this one, the smallest first. */
export function smallerSizes(size: number): readonly number[] {
  const smaller = smallerPage({ page: 0, size }, 0)?.size ?? 0;
  return smaller < LEAST_SIZE ? [] : [...smallerSizes(smaller), smaller];
}

/** The number, among pages of another size, of the page that has this page's first record. */
export function pageOfSize({ page, size }: SizedPage, other: number, firstPage: number): number {
  return size === other ? page : firstPage + Math.floor(((page - firstPage) * size) / other);
}

/** Says in a message how many records' details are left to read. @param next the partition that is read next */
export function describeDetailsLeft(partitions: readonly Partition[], next: Partition): string {
  return `the details of ${partitions.length - partitions.findIndex(({ id }) => id === next.id)} records are left`;
}

/** Says in a message how much is left of a read that is cut. @param partitions all that it reads, in order */
export function describeLeft(
  partitions: readonly Partition[],
  scan: PartitionScan,
  { firstPage, isLast = true }: { readonly firstPage: number; readonly isLast?: boolean | undefined },
): string {
  const { partition, page, size } = scan.request();
  const total = shownTotal(scan.total());
  const others = partitions.length - 1 - partitions.findIndex(({ id }) => id === partition.id);
  const windows = isLast ? '' : ', and windows before it';
  const further = others === 0 ? windows : `${windows}, and ${others} further ${others === 1 ? 'list' : 'lists'}`;
  if (total === null) return `the pages of a list from ${page} on are left${further}`;
  const read = Math.min(total, (page - firstPage) * size);
  return `about ${total - read} of ${total} records of a list are left${further}`;
}
